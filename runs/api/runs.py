"""Runs over HTTP: what programs ask while they wait, and how they stop one."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Query, Router

from runs import tasks
from runs.access import Caller, Refusal
from runs.api.answers import REFUSALS, Refused, ResultsAnswer, RunAnswer
from runs.choices import Outcome
from runs.models import Run
from runs.reports import result_data, run_data

router = Router(tags=["runs"])

PAGE = 100
LARGEST_PAGE = 1_000


@router.get(
    "/{run_id}",
    url_name="get_run",
    summary="How a run is doing",
    response={200: RunAnswer, REFUSALS: Refused},
)
def get_run(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """Status, outcome, counts by outcome, rate and times. Counts never go down.

    Cheap: ask as often as once a second. Needs the permission `runs.view_run`.
    """
    run = _run(request, run_id, "runs.view_run")
    if run.is_open:
        tasks.watch(run.pk)
        run.refresh_from_db()
    return run_data(run)


@router.post(
    "/{run_id}/cancel",
    url_name="cancel_run",
    summary="Stop a run",
    response={200: RunAnswer, REFUSALS: Refused},
)
def cancel_run(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """No further case is sent; those under way end by themselves, so the status may be
    `running` for a moment. A run that has ended stays as it is: call it twice if in doubt.

    Needs the permission `runs.cancel_run`.
    """
    run = _run(request, run_id, "runs.cancel_run")
    who: Caller = request.auth  # type: ignore[attr-defined]
    if run.cancel(who.user):
        tasks.settle(run)
    run.refresh_from_db()
    return run_data(run)


@router.get(
    "/{run_id}/results",
    url_name="get_run_results",
    summary="The results of a run",
    response={200: ResultsAnswer, REFUSALS: Refused},
)
def get_run_results(
    request: HttpRequest,
    run_id: int,
    outcome: Annotated[
        list[Outcome], Query(description="Only these; may stand several times.")
    ] = [],  # noqa: B006  ninja reads the default, nobody changes it
    after: Annotated[int, Query(ge=0, description="Only results with a larger id.")] = 0,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
) -> dict[str, Any]:
    """In the order of their ids, without requests and responses: follow `next` until it is
    null. While the run is open, more may come.

    Needs the permission `runs.view_run`.
    """
    run = _run(request, run_id, "runs.view_run")
    rows = run.results.filter(pk__gt=after).order_by("pk")
    if outcome:
        rows = rows.filter(outcome__in=outcome)
    found = list(rows[: limit + 1])
    page = found[:limit]
    following = None
    if len(found) > limit:
        asked = {"outcome": outcome, "after": page[-1].pk, "limit": limit}
        path = reverse("api-1.0.0:get_run_results", args=[run_id])
        following = request.build_absolute_uri(f"{path}?{urlencode(asked, doseq=True)}")
    return {"items": [result_data(result) for result in page], "next": following}


def _run(request: HttpRequest, run_id: int, permission: str) -> Run:
    """Raises `Refusal` (403, 404)."""
    who: Caller = request.auth  # type: ignore[attr-defined]
    who.must_have(permission)
    run = Run.objects.select_related("user").filter(pk=run_id).first()
    if run is None:
        raise Refusal(404, "not_found", _("There is no run %d.") % run_id)
    return run
