"""What the API answers, as its OpenAPI page describes it: a field here for each that
`runs.reports` gives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field

from runs.choices import Outcome, RunStatus, Trigger

# The statuses of a refusal: each has the body `Refused`.
REFUSALS = frozenset({400, 401, 403, 404, 503})

RUN = {
    "id": 12,
    "title": "Shop/Orders",
    "status": "finished",
    "outcome": "failed",
    "environment": "Local",
    "trigger": "api",
    "user": "mei",
    "message": "",
    "repeats": None,
    "repeats_failed_only": False,
    "n_total": 14,
    "n_done": 14,
    "counts": {"passed": 13, "failed": 1, "error": 0, "skipped": 0, "blocked": 0},
    "n_passed_on_retry": 2,
    "rate_per_s": 35.2,
    "created_at": "2026-11-23T12:42:18.120Z",
    "started_at": "2026-11-23T12:42:18.312Z",
    "finished_at": "2026-11-23T12:42:18.710Z",
}
RESULT = {
    "id": 230,
    "case_id": 45,
    "path": "Shop/Orders/create an order",
    "row_no": 0,
    "row_name": "",
    "outcome": "failed",
    "message": "Status should equal 201, but was 409.",
    "n_attempts": 1,
    "passed_on_retry": False,
    "duration_ms": 11.4,
    "started_at": "2026-11-23T12:42:18.312Z",
}

DAY = {
    "day": "2026-11-23",
    "begins_at": "2026-11-22T23:00:00Z",
    "ends_at": "2026-11-23T23:00:00Z",
    "runs": {
        "passed": 3,
        "failed": 1,
        "error": 0,
        "skipped": 0,
        "blocked": 0,
        "cancelled": 0,
        "lost": 0,
        "open": 1,
    },
    "results": {"passed": 40, "failed": 2, "error": 0, "skipped": 0, "blocked": 0},
}


def _example(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


class Counts(Schema):
    """Results by outcome. They never go down, and are those on record at that moment."""

    passed: int
    failed: int = Field(description="An answer came and was wrong.")
    error: int = Field(description="There was no answer, or it could not be judged.")
    skipped: int
    blocked: int = Field(description="Something that the case needs failed.")


class RunAnswer(Schema):
    model_config = _example(RUN)

    id: int
    title: str
    status: RunStatus = Field(
        description="The run has ended when it is finished, cancelled or lost."
    )
    outcome: Outcome | None = Field(description="The worst of its results; null until the end.")
    environment: str
    trigger: Trigger
    user: str | None
    message: str = Field(description="A sentence where the status does not explain itself.")
    repeats: int | None = Field(description="The run that this one does once more.")
    repeats_failed_only: bool = Field(description="Not all of it, but what of it was broken.")
    n_total: int
    n_done: int
    counts: Counts
    n_passed_on_retry: int = Field(description="Those of `passed` that did not pass at once.")
    rate_per_s: float | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ResultAnswer(Schema):
    """What a case, or one row of its dataset, did in a run."""

    model_config = _example(RESULT)

    id: int
    case_id: int
    path: str
    row_no: int = Field(description="0 for a case without a dataset.")
    row_name: str
    outcome: Outcome
    message: str
    n_attempts: int = Field(description="1, and one more for each case retry.")
    passed_on_retry: bool
    duration_ms: float = Field(description="Of the last attempt, as started_at.")
    started_at: datetime | None


class ResultsAnswer(Schema):
    """A page of results."""

    model_config = _example({"items": [RESULT], "next": None})

    items: list[ResultAnswer]
    next: str | None = Field(description="The URL of the next page; null on the last one.")


class FullResultAnswer(ResultAnswer):
    """A result with everything that was sent and received. Secrets are masked."""

    model_config = _example(RESULT | {"run_id": 12, "attempts": []})

    run_id: int
    attempts: list[dict[str, Any]] = Field(
        description="Each with its `steps`, and in these `exchanges` (the `request` as it "
        "was sent, the `response`, or an `error`), `assertions` (expected and actual) and "
        "`extractions`. Empty when they were deleted for their age."
    )


class RunCounts(Schema):
    """Runs by outcome, or by why they have none."""

    passed: int
    failed: int
    error: int
    skipped: int
    blocked: int
    cancelled: int = Field(description="Whatever the results that they have.")
    lost: int
    open: int = Field(description="They have not ended.")


class DayAnswer(Schema):
    """The runs that were created on a day, and the results that these have so far."""

    model_config = _example(DAY)

    day: date
    begins_at: datetime
    ends_at: datetime = Field(description="When the next day begins.")
    runs: RunCounts
    results: Counts


class DaysAnswer(Schema):
    """Oldest first; the last one is today."""

    model_config = _example({"zone": "Europe/Berlin", "days": [DAY]})

    zone: str = Field(description="The time zone of these days.")
    days: list[DayAnswer]


class Fault(Schema):
    code: str = Field(description="For programs to compare.")
    message: str = Field(description="For people, in the language of Accept-Language.")


class Refused(Schema):
    """The one shape of everything that goes wrong."""

    model_config = _example({"error": {"code": "not_found", "message": "There is no run 99."}})

    error: Fault
