"""A message is sent by a task, after the run: once, again if it failed, not for ever."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from runs import retention, tasks
from runs.choices import DeliveryStatus, RunStatus
from runs.execution.pool import Crew
from runs.models import Delivery, Run
from runs.models.delivery import MAX_TRIES, PAUSES_S
from runs.notifications.deliveries import prepare
from tests.servers import MailServer
from tests.target import Target

pytestmark = pytest.mark.django_db

Make = Callable[..., Any]
SECRET = "T0KEN-T0KEN"


def told(run: Run) -> Delivery:
    """The only delivery of a run, as it is on record now."""
    return Delivery.objects.select_related("run", "channel").get(run=run)


def make_due(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(due_at=Now() - timedelta(seconds=1))


def work_off(sent: list[tuple[str, int]]) -> None:
    """What workers do with hints."""
    while sent:
        name, pk = sent.pop(0)
        getattr(tasks, name.rpartition(".")[2])(pk)


def test_an_ended_run_is_announced_and_told_to_every_channel(
    nightly: Make,
    make_channel: Make,
    target: Target,
    mail_server: MailServer,
    sent: list[tuple[str, int]],
) -> None:
    hook = make_channel(f"{target.url}/status/200")
    make_channel(recipients="qa@example.com")
    run = nightly("pf")
    tasks.watch()
    assert sent == [("runs.tasks.announce", run.pk)]
    work_off(sent)
    deliveries = Delivery.objects.order_by("pk")
    assert [(d.status, d.n_tries, d.reason) for d in deliveries] == [("sent", 1, "")] * 2
    assert all(d.sent_at for d in deliveries)
    [asked] = target.requests
    document = json.loads(asked.body)
    assert (document["event"], document["news"]) == ("run.ended", "broken")
    assert document["delivery"] == deliveries.get(channel=hook).pk
    [letter] = mail_server.letters
    assert letter["Subject"] == "[testhub] nightly in Staging: 1 of 2 broken"
    assert "Reason 2." in letter.get_content()
    tasks.watch()
    assert sent == []


def test_hints_that_come_twice_send_once(
    nightly: Make, make_channel: Make, target: Target, sent: object
) -> None:
    make_channel(f"{target.url}/status/200")
    run = nightly("f")
    for _time in range(2):
        tasks.announce(run.pk)
    for _time in range(2):
        tasks.deliver(told(run).pk)
    assert len(target.requests) == 1


def test_a_run_has_one_delivery_a_channel(nightly: Make, make_channel: Make) -> None:
    channel, run = make_channel(), nightly("f")
    prepare(run.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(run=run, channel=channel, news="broken")


def test_the_last_chunk_of_a_scheduled_run_announces_it(
    target: Target, crew: Crew, sent: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from runs.tasks import hints
    from tests.factories import make_case, make_environment, make_run

    monkeypatch.setattr(hints, "crew_of_this_process", lambda _n: crew)
    run = make_run(make_case(), environment=make_environment(target.url))
    Run.objects.update(trigger="schedule")
    tasks.settle(run)
    work_off(sent)
    run.refresh_from_db()
    assert run.status == RunStatus.FINISHED
    assert run.announced_at is not None


def test_a_failure_is_tried_again_later_with_its_reason_on_record(
    nightly: Make, make_channel: Make, target: Target, sent: list[tuple[str, int]]
) -> None:
    make_channel(f"{target.url}/status/503")
    run = nightly("f")
    tasks.announce(run.pk)
    work_off(sent)
    delivery = told(run)
    assert (delivery.status, delivery.n_tries) == (DeliveryStatus.WAITING, 1)
    assert delivery.reason == "The webhook was answered with 503."
    wait = delivery.due_at - timezone.now()
    assert timedelta(seconds=PAUSES_S[0] - 20) < wait <= timedelta(seconds=PAUSES_S[0])
    tasks.watch()
    assert sent == []  # not before its time
    make_due(delivery)
    tasks.watch()
    assert sent == [("runs.tasks.deliver", delivery.pk)]


def test_a_failure_that_heals_is_delivered_once(
    nightly: Make, make_channel: Make, target: Target, mail_server: MailServer, sent: object
) -> None:
    mail_server.refuse_with("451 later")
    make_channel()
    run = nightly("f")
    prepare(run.pk)
    tasks.deliver(told(run).pk)
    assert "451" in told(run).reason
    mail_server.refuse_with("")
    make_due(told(run))
    tasks.deliver(told(run).pk)
    assert (told(run).status, told(run).reason, told(run).n_tries) == ("sent", "", 2)
    assert len(mail_server.letters) == 1


def test_after_the_last_try_it_is_given_up_and_can_be_sent_again(
    nightly: Make, make_channel: Make, target: Target, sent: object
) -> None:
    channel = make_channel(f"{target.url}/status/500")
    run = nightly("f")
    prepare(run.pk)
    for _try in range(MAX_TRIES + 2):
        make_due(told(run))
        tasks.deliver(told(run).pk)
    delivery = told(run)
    assert (delivery.status, delivery.n_tries) == (DeliveryStatus.GIVEN_UP, MAX_TRIES)
    assert "500" in delivery.reason
    assert len(target.requests) == MAX_TRIES
    channel.keep_url(f"{target.url}/status/200")
    channel.save()
    assert delivery.send_again()
    tasks.deliver(delivery.pk)
    assert told(run).status == DeliveryStatus.SENT
    assert not told(run).send_again()


def test_a_delivery_whose_worker_died_is_taken_up_when_its_lease_has_ended(
    nightly: Make, make_channel: Make, target: Target, sent: list[tuple[str, int]]
) -> None:
    make_channel(f"{target.url}/status/200")
    run = nightly("f")
    prepare(run.pk)
    dead = Delivery.claim(told(run).pk)
    assert dead is not None
    tasks.watch()
    tasks.deliver(dead.pk)
    assert (sent, target.requests) == ([], [])
    Delivery.objects.update(lease_until=Now() - timedelta(seconds=1))
    tasks.watch()
    work_off(sent)
    assert (told(run).status, told(run).n_tries) == (DeliveryStatus.SENT, 2)
    dead.note_failure("I come too late")
    assert (told(run).status, told(run).reason) == (DeliveryStatus.SENT, "")


def test_a_message_that_every_worker_dies_of_is_given_up(
    nightly: Make, make_channel: Make, target: Target, sent: object
) -> None:
    make_channel(f"{target.url}/status/200")
    run = nightly("f")
    prepare(run.pk)
    for _worker in range(MAX_TRIES):
        assert Delivery.claim(told(run).pk)
        Delivery.objects.update(lease_until=Now() - timedelta(seconds=1))
    tasks.deliver(told(run).pk)
    assert (told(run).status, target.requests) == (DeliveryStatus.GIVEN_UP, [])
    assert "died" in told(run).reason


def test_one_message_is_sent_at_a_time_and_then_the_next(
    nightly: Make, make_channel: Make, target: Target, sent: list[tuple[str, int]]
) -> None:
    for _n in range(3):
        make_channel(f"{target.url}/status/200")
    run = nightly("f")
    tasks.announce(run.pk)
    first, second, third = run.deliveries.order_by("pk")
    assert sent == [("runs.tasks.deliver", first.pk)]
    Delivery.objects.filter(pk=third.pk).update(
        status=DeliveryStatus.SENDING, lease_until=Now() + timedelta(seconds=60)
    )
    tasks.deliver(second.pk)
    assert target.requests == []
    Delivery.objects.filter(pk=third.pk).update(status=DeliveryStatus.WAITING)
    work_off(sent)
    assert len(target.requests) == 3


def test_a_channel_that_was_switched_off_meanwhile_is_given_up(
    nightly: Make, make_channel: Make, target: Target, sent: object
) -> None:
    channel = make_channel(f"{target.url}/status/200")
    run = nightly("f")
    prepare(run.pk)
    channel.is_active = False
    channel.save()
    tasks.deliver(told(run).pk)
    assert (told(run).status, target.requests) == (DeliveryStatus.GIVEN_UP, [])
    assert told(run).reason == "The channel was switched off."


def test_a_url_that_no_key_opens_is_a_reason(
    nightly: Make, make_channel: Make, settings: Any, sent: object
) -> None:
    make_channel("https://hooks.test/" + SECRET)
    run = nightly("f")
    prepare(run.pk)
    settings.ENCRYPTION_KEYS = ["b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXkhISE="]
    tasks.deliver(told(run).pk)
    assert "ENCRYPTION_KEYS" in told(run).reason


def test_the_url_is_in_no_row_no_log_line_and_no_reason(
    nightly: Make,
    make_channel: Make,
    target: Target,
    sent: object,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from django.apps import apps

    caplog.set_level(logging.DEBUG)
    make_channel(f"{target.url}/status/500/{SECRET}", signing_key=f"key-{SECRET}")
    run = nightly("f")
    prepare(run.pk)
    tasks.deliver(told(run).pk)
    assert SECRET in target.requests[0].target  # or the rest would prove nothing
    rows = [str(row) for model in apps.get_models() for row in model.objects.values_list()]
    assert not [row for row in rows if SECRET in row]
    assert f"run {run.pk}: The webhook was answered with 500." in caplog.text
    assert SECRET not in caplog.text


def test_a_dead_mail_server_changes_nothing_of_the_run(
    nightly: Make, make_channel: Make, settings: Any, sent: object
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 1
        make_channel()
        run = nightly("f")
        before = Run.objects.values().get(pk=run.pk)
        prepare(run.pk)
        began = time.monotonic()
        tasks.deliver(told(run).pk)
        assert time.monotonic() - began < 3 * 1 + 2
    assert "timed out" in told(run).reason
    after = Run.objects.values().get(pk=run.pk)
    assert after.pop("announced_at") is not None
    assert after == {name: value for name, value in before.items() if name != "announced_at"}


def test_deliveries_go_with_their_run(nightly: Make, make_channel: Make) -> None:
    make_channel()
    long_ago = timezone.now() - timedelta(days=800)
    run = nightly("f", finished_at=long_ago)
    prepare(run.pk)
    assert Delivery.objects.exists()
    retention.prune(timezone.now())
    assert not Delivery.objects.exists()
