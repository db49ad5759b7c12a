"""`GET|POST /run_case`: one case now, or a module through the workers."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import Error, close_old_connections, connection
from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from cases.lookup import NotFound, find_environment
from cases.models import Case, Environment, Module
from runs import tasks
from runs.access import Caller, Refusal, caller, no_database, no_store
from runs.choices import Trigger
from runs.execution.selection import EmptySelection, PlanError, Selection
from runs.models import Run
from runs.reports import result_data, run_data

logger = logging.getLogger(__name__)

PARAMETERS = ("case_id", "module_id", "env", "wait")
MAX_WAIT_S = 300
WAIT_PERIOD_S = 0.2
WATCH_PERIOD_S = 2.0
# How long a call waits for its turn when INLINE_LIMIT cases run in this process.
TURN_S = 10.0

_turns = threading.BoundedSemaphore(settings.INLINE_LIMIT)


@csrf_exempt
def run_case(request: HttpRequest) -> JsonResponse:
    """DESIGN section 7; docs/reference/api.md describes it for callers."""
    try:
        return no_store(_answer(request))
    except Refusal as refusal:
        return refusal.response()
    except EmptySelection as error:
        return Refusal(409, "nothing_to_run", str(error)).response()
    except (PlanError, NotFound) as error:
        return Refusal(400, "bad_parameter", str(error)).response()
    except (RequestDataTooBig, TooManyFieldsSent, MultiPartParserError, UnreadablePostError):
        return _bad(_("The body of this request cannot be read.")).response()
    except Error:
        logger.exception("A call of /run_case met a database that does not answer.")
        return no_database().response()


def _answer(request: HttpRequest) -> JsonResponse:
    if request.method not in ("GET", "POST"):
        message = _("Use GET or POST, not %s.") % request.method
        raise Refusal(405, "bad_method", message, allow="GET, POST")
    who = caller(request)
    who.must_have("cases.run_case")
    asked = _parameters(request)
    environment = find_environment(asked["env"]) if "env" in asked else None
    if "case_id" in asked:
        return _run_one(_number(asked, "case_id"), environment, who, request)
    module_id = _number(asked, "module_id")
    return _run_module(module_id, environment, _wait_s(asked), who, request)


def _parameters(request: HttpRequest) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, texts in (*request.GET.lists(), *request.POST.lists()):
        if name != "csrfmiddlewaretoken":
            values.setdefault(name, []).extend(texts)
    for name, texts in values.items():
        if name not in PARAMETERS:
            raise _bad(
                _("There is no parameter “%(name)s”; there are %(all)s.")
                % {"name": name, "all": ", ".join(PARAMETERS)}
            )
        if len(texts) > 1:
            raise _bad(_("%s stands twice: send it once.") % name)
    sent = {name: texts[0] for name, texts in values.items()}
    if ("case_id" in sent) == ("module_id" in sent):
        raise _bad(_("Send exactly one of case_id and module_id."))
    if "wait" in sent and "case_id" in sent:
        raise _bad(_("wait goes with module_id: a case answers when it has run."))
    return sent


def _run_one(
    case_id: int, environment: Environment | None, who: Caller, request: HttpRequest
) -> JsonResponse:
    case = Case.objects.filter(pk=case_id).first()
    if case is None:
        raise Refusal(404, "not_found", _("There is no case %d.") % case_id)
    if not _turns.acquire(timeout=TURN_S):
        raise Refusal(
            503,
            "busy",
            _("%d cases are running in this process already; try again.")
            % settings.INLINE_LIMIT,
        )
    try:
        run = tasks.run_now(
            Selection(case_ids=(case.pk,)),
            environment=environment,
            trigger=Trigger.API,
            user=who.user,
            token=who.token,
        )
    finally:
        _turns.release()
    if run.is_open:  # more rows than fit into one budget
        return JsonResponse(_described(run, request), status=202)
    return JsonResponse(_described(run, request) | {"results": _results(run)})


def _run_module(
    module_id: int,
    environment: Environment | None,
    wait_s: float,
    who: Caller,
    request: HttpRequest,
) -> JsonResponse:
    if not Module.objects.filter(pk=module_id).exists():
        raise Refusal(404, "not_found", _("There is no module %d.") % module_id)
    run = tasks.start_run(
        Selection(module_ids=(module_id,)),
        environment=environment,
        trigger=Trigger.API,
        user=who.user,
        token=who.token,
    )
    run = _wait_for(run, wait_s)
    return JsonResponse(_described(run, request), status=202 if run.is_open else 200)


def _wait_for(run: Run, wait_s: float) -> Run:
    ends_at = time.monotonic() + wait_s
    watch_at = time.monotonic() + WATCH_PERIOD_S
    while run.is_open and time.monotonic() < ends_at:
        time.sleep(min(WAIT_PERIOD_S, max(0.0, ends_at - time.monotonic())))
        if not connection.in_atomic_block:
            close_old_connections()
        if time.monotonic() > watch_at:
            watch_at = time.monotonic() + WATCH_PERIOD_S
            tasks.watch(run.pk)
        run.refresh_from_db(fields=["status", "outcome", "finished_at", "message"])
    return run


def _described(run: Run, request: HttpRequest) -> dict[str, Any]:
    run = Run.objects.select_related("user").get(pk=run.pk)
    page = reverse("admin:runs_run_change", args=[run.pk])
    url = reverse("api-1.0.0:get_run", args=[run.pk])
    return run_data(run) | {
        "url": request.build_absolute_uri(url),
        "page": request.build_absolute_uri(page),
    }


def _results(run: Run) -> list[dict[str, Any]]:
    rows = run.results.order_by("row_no").prefetch_related("attempts")
    return [
        result_data(result) | {"attempts": [a.read() for a in result.attempts.all()]}
        for result in rows
    ]


def _number(asked: dict[str, str], name: str) -> int:
    text = asked[name]
    if not (_is_number(text) and 0 < int(text) < 2**63):
        raise _bad(_("%(name)s=“%(value)s”: use a number.") % {"name": name, "value": text})
    return int(text)


def _wait_s(asked: dict[str, str]) -> float:
    text = asked.get("wait", "0")
    if not (_is_number(text) and int(text) <= MAX_WAIT_S):
        raise _bad(
            _("wait=“%(value)s”: use seconds from 0 to %(most)d.")
            % {"value": text, "most": MAX_WAIT_S}
        )
    return float(text)


def _is_number(text: str) -> bool:
    # int() raises on thousands of digits.
    return text.isascii() and text.isdecimal() and len(text) < 20


def _bad(message: str) -> Refusal:
    return Refusal(400, "bad_parameter", message)
