"""Runs over HTTP: what programs ask while they wait."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from runs import tasks
from runs.access import Caller, Refusal
from runs.models import Run
from runs.reports import run_data

router = Router(tags=["runs"])


@router.get("/{run_id}", url_name="get_run", summary="How a run is doing")
def get_run(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """Status, outcome, counts by outcome, rate and times. Counts never go down."""
    who: Caller = request.auth  # type: ignore[attr-defined]
    who.must_have("runs.view_run")
    run = Run.objects.select_related("user").filter(pk=run_id).first()
    if run is None:
        raise Refusal(404, "not_found", _("There is no run %d.") % run_id)
    if run.is_open:
        tasks.watch(run.pk)
        run.refresh_from_db()
    return run_data(run)
