"""One result over HTTP, with everything that was sent and received."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from runs.access import Caller, Refusal
from runs.api.answers import REFUSALS, FullResultAnswer, Refused
from runs.models import Result
from runs.reports import result_data

router = Router(tags=["results"])


@router.get(
    "/{result_id}",
    url_name="get_result",
    summary="A result with its attempts",
    response={200: FullResultAnswer, REFUSALS: Refused},
)
def get_result(request: HttpRequest, result_id: int) -> dict[str, Any]:
    """As it is on record: secrets are masked, long bodies are cut.

    Needs the permission `runs.view_result`.
    """
    who: Caller = request.auth  # type: ignore[attr-defined]
    who.must_have("runs.view_result")
    result = Result.objects.filter(pk=result_id).first()
    if result is None:
        raise Refusal(404, "not_found", _("There is no result %d.") % result_id)
    attempts = [attempt.read() for attempt in result.attempts.order_by("number")]
    return result_data(result) | {"run_id": result.run_id, "attempts": attempts}
