"""Figures over HTTP, for charts that others draw."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from runs.access import Caller
from runs.api.answers import REFUSALS, DaysAnswer, Refused
from runs.stats import by_day

router = Router(tags=["stats"])

MOST_DAYS = 92


@router.get(
    "/days",
    url_name="get_days",
    summary="Runs and results of the last days",
    response={200: DaysAnswer, REFUSALS: Refused},
)
def get_days(
    request: HttpRequest,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS, description="Today is the last one.")] = 14,
) -> dict[str, Any]:
    """By the days of the server's time zone. A run counts on the day on which it was created,
    and so do its results.

    Needs the permission `runs.view_run`.
    """
    who: Caller = request.auth  # type: ignore[attr-defined]
    who.must_have("runs.view_run")
    zone = timezone.get_current_timezone()
    found = by_day(days, zone, timezone.now())
    return {"zone": str(zone), "days": found}
