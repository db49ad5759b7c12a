"""Once a scheduled run has ended it is decided, once, who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runs.choices import DeliveryStatus, News, RunStatus, Tell, Trigger
from runs.models import Delivery, Run
from runs.notifications.deliveries import prepare
from runs.notifications.policy import is_wanted, news_of
from tests.factories import make_plan

pytestmark = pytest.mark.django_db

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("before", "now", "news"),
    [
        (None, "pp", News.GREEN),
        (None, "s", News.GREEN),
        (None, "pf", News.BROKEN),
        (None, "pe", News.BROKEN),
        ("pp", "ps", News.GREEN),
        ("pp", "pf", News.BROKEN),
        ("pf", "pp", News.RECOVERED),
        ("pf", "pf", News.STILL_BROKEN),
        ("pf", "pe", News.STILL_BROKEN),  # the same case, otherwise
        ("ff", "pf", News.STILL_BROKEN),  # one less
        ("pf", "fp", News.MORE_BROKEN),
        ("pf", "ff", News.MORE_BROKEN),
    ],
)
def test_news(nightly: Make, before: str | None, now: str, news: News) -> None:
    if before is not None:
        nightly(before)
    assert news_of(nightly(now)) == news


def test_a_run_that_could_not_begin_is_broken_and_worse_than_one_that_failed(
    nightly: Make,
) -> None:
    assert news_of(nightly("", status=RunStatus.LOST)) == News.BROKEN
    assert news_of(nightly("", status=RunStatus.LOST)) == News.STILL_BROKEN
    assert news_of(nightly("f")) == News.MORE_BROKEN
    assert news_of(nightly("", status=RunStatus.LOST)) == News.MORE_BROKEN
    assert news_of(nightly("p")) == News.RECOVERED


def test_a_cancelled_run_is_news_but_not_what_others_are_compared_with(
    nightly: Make,
) -> None:
    nightly("f")
    assert news_of(nightly("p", status=RunStatus.CANCELLED)) == News.CANCELLED
    assert news_of(nightly("p")) == News.RECOVERED


def test_only_scheduled_runs_of_the_same_plan_and_environment_are_compared(
    nightly: Make,
) -> None:
    nightly("f", trigger=Trigger.ADMIN)
    nightly("f", environment_name="Production")
    nightly("f", plan=make_plan())
    assert news_of(nightly("p")) == News.GREEN


@pytest.mark.parametrize(
    ("tell", "told"),
    [
        (Tell.ALWAYS, set(News)),
        (
            Tell.NOT_GREEN,
            {News.BROKEN, News.MORE_BROKEN, News.STILL_BROKEN, News.CANCELLED},
        ),
        (Tell.CHANGED, {News.BROKEN, News.MORE_BROKEN, News.RECOVERED}),
    ],
)
def test_what_a_channel_wants_to_hear(tell: Tell, told: set[News]) -> None:
    assert {news for news in News if is_wanted(news, tell)} == told


def test_each_channel_that_wants_to_hear_has_one_delivery(
    nightly: Make, make_channel: Make
) -> None:
    run = nightly("pf")
    wanting = {make_channel(), make_channel(tell=Tell.NOT_GREEN), make_channel(tell="changed")}
    make_channel(is_active=False)
    assert prepare(run.pk) == 3
    assert prepare(run.pk) == 0
    deliveries = run.deliveries.all()
    assert {delivery.channel for delivery in deliveries} == wanting
    assert {delivery.news for delivery in deliveries} == {News.BROKEN}
    assert {delivery.status for delivery in deliveries} == {DeliveryStatus.WAITING}


def test_a_channel_may_hear_of_some_plans_only(nightly: Make, make_channel: Make) -> None:
    run = nightly("f")
    of_all = make_channel()
    of_this, of_other = make_channel(all_plans=False), make_channel(all_plans=False)
    of_this.plans.add(run.plan, make_plan())
    of_other.plans.add(make_plan())
    prepare(run.pk)
    assert {d.channel for d in run.deliveries.all()} == {of_all, of_this}


def test_a_channel_whose_plan_is_gone_does_not_hear_of_all(
    nightly: Make, make_channel: Make
) -> None:
    run, of_all, of_this = nightly("f"), make_channel(), make_channel(all_plans=False)
    of_this.plans.add(run.plan)
    run.plan.delete()
    prepare(run.pk)
    assert run.deliveries.get().channel == of_all


@pytest.mark.parametrize(
    "fields",
    [{"trigger": Trigger.API}, {"trigger": Trigger.ADMIN}, {"status": RunStatus.RUNNING}],
)
def test_nobody_is_told_of_what_is_open_or_was_started_by_hand(
    nightly: Make, make_channel: Make, fields: dict[str, Any]
) -> None:
    make_channel()
    run = nightly("f", **fields)
    assert prepare(run.pk) == 0
    assert not Delivery.objects.exists()
    assert not Run.objects.to_announce().exists()
