"""Runs and results by local day, whatever zone the database server is in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from runs.choices import Outcome
from runs.models import Chunk, Run
from runs.stats import RUN_STATES, by_day, latest_days, span
from tests.factories import make_case, make_run, make_token, make_user

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 10, 26, 12, tzinfo=BERLIN)
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("zone", "day", "begins", "hours"),
    [
        ("UTC", "2026-11-23", "11-23 00:00", 24),
        ("Asia/Shanghai", "2026-11-23", "11-22 16:00", 24),
        ("Asia/Kathmandu", "2026-11-23", "11-22 18:15", 24),
        ("Europe/Berlin", "2026-03-29", "03-28 23:00", 23),
        ("Europe/Berlin", "2026-10-25", "10-24 22:00", 25),
        ("Australia/Lord_Howe", "2026-04-05", "04-04 13:00", 24.5),
        ("Africa/Cairo", "2026-04-24", "04-23 22:00", 23),  # from 0:00 to 1:00
        ("America/Havana", "2026-11-01", "11-01 04:00", 25),  # from 1:00 to 0:00
    ],
)
def test_the_span_of_a_day(zone: str, day: str, begins: str, hours: float) -> None:
    begins_at, ends_at = span(date.fromisoformat(day), ZoneInfo(zone))
    assert f"{begins_at:%m-%d %H:%M}" == begins
    assert ends_at - begins_at == timedelta(hours=hours)


@given(
    st.integers(0, 17 * 365 * 24 * 3600),
    st.sampled_from(
        ["UTC", "Europe/Berlin", "Asia/Shanghai", "Africa/Cairo", "America/Havana"]
        + ["America/St_Johns", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia"]
    ),
)
def test_every_moment_lies_within_its_day(seconds: int, name: str) -> None:
    zone, moment = ZoneInfo(name), datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    begins_at, ends_at = span(moment.astimezone(zone).date(), zone)
    assert begins_at <= moment < ends_at


def test_the_latest_days_end_with_today_where_the_reader_is() -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert latest_days(2, BERLIN, late) == [date(2026, 12, 31), date(2027, 1, 1)]
    assert latest_days(1, ZoneInfo("America/New_York"), late) == [date(2026, 12, 31)]


def put(at: datetime, status: str, outcome: str = "", **counts: int) -> Run:
    """A run that was created then, its results spread over two chunks."""
    run = make_run(make_case())
    Run.objects.filter(pk=run.pk).update(created_at=at, status=status, outcome=outcome)
    run.chunks.update(**{f"n_{name}": n for name, n in counts.items()})
    Chunk.objects.create(run=run, seq=1, items=[], n_items=1, n_passed=1)
    return run


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Noon of today: the day does not change while a test looks at it."""
    noon = timezone.now().replace(hour=12)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    return noon


def counted(numbers: Any) -> dict[str, int]:
    return {name: n for name, n in numbers.items() if n}


@pytest.mark.django_db
@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_run_counts_on_the_day_on_which_it_was_created(change: date) -> None:
    """On both sides of both midnights of a day on which the clocks are changed."""
    begins_at, ends_at = span(change, BERLIN)
    put(begins_at - MICROSECOND, "finished", "passed", passed=10)
    put(begins_at, "finished", "failed", passed=20, failed=2)
    put(ends_at - MICROSECOND, "finished", "error", passed=30, error=3)
    put(ends_at, "running", "", blocked=4, skipped=5)
    put(ends_at, "cancelled", "failed", failed=6)
    before, on_it, after = by_day(3, BERLIN, ends_at + timedelta(hours=3))
    assert on_it.day == change
    assert [counted(day.runs) for day in (before, on_it, after)] == [
        {"passed": 1},
        {"failed": 1, "error": 1},
        {"open": 1, "cancelled": 1},
    ]
    assert [counted(day.results) for day in (before, on_it, after)] == [
        {"passed": 11},
        {"passed": 52, "failed": 2, "error": 3},
        {"passed": 2, "failed": 6, "blocked": 4, "skipped": 5},
    ]


@pytest.mark.django_db
def test_a_day_without_runs_is_there_and_others_are_not(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for days in (-1, 0, 3, 4):
        put(NOON - timedelta(days=days), "lost")
    with django_assert_num_queries(2):
        found = by_day(4, BERLIN, NOON)
    assert [day.n_runs for day in found] == [1, 0, 0, 1]
    assert [list(day.runs) for day in found] == [list(RUN_STATES)] * 4
    assert [list(day.results) for day in found] == [list(Outcome.values)] * 4
    assert by_day(1, BERLIN, NOON + timedelta(days=9))[0].n_runs == 0


@pytest.mark.django_db
def test_the_first_page_leads_to_the_runs_of_each_day(admin: Client, now: datetime) -> None:
    midnight, _next = span(now.date(), UTC)
    put(midnight - MICROSECOND, "finished", "passed")
    today = put(midnight, "finished", "failed", failed=3)
    days = admin.get(reverse("admin:index")).context["run_part"]["days"]
    assert len(days["each"]) == 14
    assert counted(days["results"]) == {"passed": 2, "failed": 3}
    _day, url, counts = days["each"][-1]
    assert counted(counts) == {"passed": 1, "failed": 3, "n_total": 4}
    listed = admin.get(url)
    assert list(listed.context["cl"].result_list) == [today]
    assert f'value="{now.date()}" selected' in listed.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "status"),
    [("2020-02-29", 200), ("yesterday", 302), ("9999-12-31", 302), ("2026-02-30", 302)],
)
def test_the_day_of_a_list_is_any_day_that_there_is(
    admin: Client, day: str, status: int
) -> None:
    runs = reverse("admin:runs_run_changelist")
    assert admin.get(runs, {"day": day}).status_code == status


@pytest.mark.django_db
def test_days_over_http(now: datetime) -> None:
    put(now, "finished", "error", error=2)
    headers = {"Authorization": f"Bearer {make_token()[1]}"}
    answer = Client().get("/api/v1/stats/days?days=2", headers=headers)
    assert answer.status_code == 200
    body = answer.json()
    assert body["zone"] == settings.TIME_ZONE
    assert [counted(day["runs"]) for day in body["days"]] == [{}, {"error": 1}]
    assert [counted(day["results"]) for day in body["days"]] == [{}, {"error": 2, "passed": 1}]
    yesterday, today = body["days"]
    assert yesterday["ends_at"] == today["begins_at"]
    assert Client().get("/api/v1/stats/days?days=0", headers=headers).status_code == 400


@pytest.mark.django_db
def test_days_over_http_are_for_those_who_may_see_runs() -> None:
    headers = {"Authorization": f"Bearer {make_token(make_user())[1]}"}
    assert Client().get("/api/v1/stats/days", headers=headers).status_code == 403
