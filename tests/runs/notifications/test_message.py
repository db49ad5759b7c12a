"""What a message says: enough to know whether to get up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from runs.choices import News, RunStatus
from runs.notifications import webhook
from runs.notifications.message import Message
from runs.notifications.policy import news_of
from runs.tasks.news import message_of
from tests.target import Target
from tests.test_docs import read

pytestmark = pytest.mark.django_db

Make = Callable[..., Any]


def message(run: Any) -> Message:
    return message_of(run, news_of(run))


def test_it_says_which_run_what_is_broken_why_and_where_to_look(
    nightly: Make, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://testhub.example.com"
    run = nightly("pfpe")
    found = message(run)
    assert found.title == "nightly in Staging: 2 of 4 broken"
    assert found.text == (
        f"Run {run.pk} of nightly in Staging: error.\n"
        "4 cases: 2 passed, 1 failed, 1 error\n"
        "\n"
        "- failed: Shop/case 2\n"
        "  Reason 2.\n"
        "- error: Shop/case 4\n"
        "  Reason 4.\n"
        "\n"
        f"https://testhub.example.com/admin/runs/run/{run.pk}/change/"
    )
    assert not found.is_good


def test_programs_get_the_same_as_the_api_gives(nightly: Make) -> None:
    run = nightly("pf")
    data = message(run).data
    assert (data["event"], data["news"], data["n_broken"]) == ("run.ended", "broken", 1)
    assert data["run"]["id"] == run.pk
    assert data["run"]["counts"]["failed"] == 1
    assert data["run"]["page"].endswith(f"/admin/runs/run/{run.pk}/change/")
    [broken] = data["broken"]
    assert (broken["path"], broken["message"]) == ("Shop/case 2", "Reason 2.")


def test_of_many_broken_cases_the_first_ten_are_told(nightly: Make) -> None:
    found = message(nightly("f" * 13))
    assert "Shop/case 10" in found.text
    assert "Shop/case 11" not in found.text
    assert "… and 3 more." in found.text
    assert (len(found.data["broken"]), found.data["n_broken"]) == (10, 13)


@pytest.mark.parametrize(
    ("before", "now", "fields", "title", "is_good"),
    [
        ("p", "pp", {}, "nightly in Staging is green", True),
        ("f", "pp", {}, "nightly in Staging is green again", True),
        ("f", "f", {}, "nightly in Staging: still 1 of 1 broken", False),
        ("p", "f", {}, "nightly in Staging: 1 of 1 broken", False),
        (
            "p",
            "p",
            {"status": RunStatus.CANCELLED},
            "nightly in Staging was cancelled",
            False,
        ),
        ("p", "", {"status": RunStatus.LOST}, "nightly in Staging could not run", False),
    ],
)
def test_titles(
    nightly: Make, before: str, now: str, fields: dict[str, Any], title: str, is_good: bool
) -> None:
    nightly(before)
    found = message(nightly(now, **fields))
    assert (found.title, found.is_good) == (title, is_good)


def test_a_run_that_could_not_begin_says_why(nightly: Make) -> None:
    run = nightly("", status=RunStatus.LOST, message="Nothing to run: its cases are gone.")
    assert message(run).text.splitlines()[:2] == [
        f"Run {run.pk} of nightly in Staging: lost.",
        "Nothing to run: its cases are gone.",
    ]


def test_a_long_reason_is_cut(nightly: Make) -> None:
    run = nightly("f")
    run.results.update(message="x" * 1000)
    assert "x" * 300 + "…" in message(run).text
    assert "x" * 301 not in message(run).text


def test_results_that_were_pruned_are_still_counted(nightly: Make) -> None:
    run = nightly("ff")
    run.results.all().delete()
    found = message_of(run, News.BROKEN)
    assert "2 failed" in found.text
    assert "… and 2 more." in found.text


def test_it_speaks_the_language_of_the_installation(nightly: Make) -> None:
    run = nightly("f")
    with translation.override("zh-hans"):
        assert "失败" in message(run).text


def test_the_guide_shows_the_document_as_it_is(nightly: Make, target: Target) -> None:
    guide = read("docs/guides/notifications.md")
    [sample] = re.findall(r"^```json webhook$(.*?)^```$", guide, re.M | re.S)
    run = nightly("f")
    webhook.post(f"{target.url}/status/200", "", message(run), 17)

    document, shown = json.loads(target.requests[0].body), json.loads(sample)
    assert set(shown) == set(document)
    # What the API gives: its own page has all of it.
    assert set(shown["run"]) <= set(document["run"])
    assert set(shown["broken"][0]) <= set(document["broken"][0])
