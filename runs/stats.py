"""Runs and results of each local day, by outcome.

A day is a span of time, reckoned here and not in SQL: a fresh MySQL has no time zone tables,
and days are 23 or 25 hours long when the clocks are changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from django.db import models

from runs.choices import OPEN, Outcome, RunStatus
from runs.models import Chunk, Run

# What a day's runs are counted by: their outcome, or why they have none.
STILL_OPEN = "open"
RUN_STATES = (*Outcome.values, RunStatus.CANCELLED.value, RunStatus.LOST.value, STILL_OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The runs that were created on a day, and the results that these have so far."""

    day: date
    begins_at: datetime
    ends_at: datetime  # the next day's beginning
    runs: Mapping[str, int]  # by RUN_STATES
    results: Mapping[str, int]  # by outcome

    @property
    def n_runs(self) -> int:
        return sum(self.runs.values())


def span(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """When a local day begins and when the next one does, in UTC.

    Where the clock jumps over midnight, the day begins with the jump.
    """
    begins, ends = (
        datetime.combine(each, time.min, zone).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    return begins, ends


def latest_days(n_days: int, zone: tzinfo, now: datetime) -> list[date]:
    """Oldest first; the last one is today, in this zone."""
    today = now.astimezone(zone).date()
    return [today - timedelta(days=back) for back in reversed(range(n_days))]


def by_day(n_days: int, zone: tzinfo, now: datetime) -> list[Day]:
    """What happened on the `latest_days()`. Two queries."""
    days = latest_days(n_days, zone, now)
    spans = [span(day, zone) for day in days]
    runs, results = _runs(spans), _results(spans)
    return [
        Day(
            day=day,
            begins_at=begins,
            ends_at=ends,
            runs={state: runs[number, state] for state in RUN_STATES},
            results={outcome: results.get(number, {}).get(outcome, 0) for outcome in Outcome},
        )
        for number, (day, (begins, ends)) in enumerate(zip(days, spans, strict=True))
    ]


Spans = Sequence[tuple[datetime, datetime]]


def _runs(spans: Spans) -> Counter[tuple[int, str]]:
    """How many were created in the span of a number and are in a state."""
    rows = (
        _within(Run.objects.order_by(), "created_at", spans)
        .values_list("number", "status", "outcome")
        .annotate(models.Count("pk"))
    )
    found: Counter[tuple[int, str]] = Counter()
    for number, status, outcome, count in rows:
        found[number, _state(status, outcome)] += count
    return found


def _state(status: str, outcome: str) -> str:
    if status in OPEN:
        return STILL_OPEN
    return outcome if status == RunStatus.FINISHED else status


def _results(spans: Spans) -> dict[int, dict[str, int]]:
    """How many results by outcome the runs have that were created in the span of a number.

    By the counters of their chunks: results themselves are many, and are deleted earlier.
    """
    rows = (
        _within(Chunk.objects.order_by(), "run__created_at", spans)
        .values("number")
        .annotate(**{name: models.Sum(f"n_{name}") for name in Outcome.values})
    )
    return {row.pop("number"): row for row in rows}


def _within(rows: models.QuerySet[Any], field: str, spans: Spans) -> models.QuerySet[Any]:
    """Those whose time lies in one of these spans, with the number of that span."""
    numbers = [
        models.When(**{f"{field}__lt": ends}, then=models.Value(number))
        for number, (_begins, ends) in enumerate(spans)
    ]
    bounds = {f"{field}__gte": spans[0][0], f"{field}__lt": spans[-1][1]}
    return rows.filter(**bounds).annotate(
        number=models.Case(*numbers, output_field=models.IntegerField())
    )
