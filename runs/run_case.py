"""`GET|POST /run_case`: one case now, or a module through the workers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import Error, close_old_connections, connection
from django.db.models import Prefetch
from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from cases.lookup import NotFound, find_environment
from cases.models import Case, Environment, Module
from runs import parameters, tasks
from runs.access import Caller, Refusal, caller, no_database, no_store
from runs.choices import Trigger
from runs.execution.selection import EmptySelection, PlanError, Selection
from runs.models import Attempt, Run
from runs.once import KeyInUse, key_of, once
from runs.reports import result_data, run_data

logger = logging.getLogger(__name__)

WAIT_PERIOD_S = 0.2
WATCH_PERIOD_S = 2.0
# How long a call waits for its turn when INLINE_LIMIT cases run in this process.
TURN_S = 10.0

_turns = threading.BoundedSemaphore(settings.INLINE_LIMIT)


@csrf_exempt
def run_case(request: HttpRequest) -> JsonResponse:
    """The only place that turns what may go wrong into answers."""
    try:
        return no_store(_answer(request))
    except Refusal as refusal:
        return refusal.response()
    except KeyInUse as error:
        return Refusal(409, "key_in_use", str(error)).response()
    except EmptySelection as error:
        return Refusal(409, "nothing_to_run", str(error)).response()
    except (PlanError, NotFound) as error:
        return Refusal(400, "bad_parameter", str(error)).response()
    except (RequestDataTooBig, TooManyFieldsSent, MultiPartParserError, UnreadablePostError):
        return parameters.bad(_("The body of this request cannot be read.")).response()
    except Error:
        logger.exception("A call of /run_case met a database that does not answer.")
        return no_database().response()


def _answer(request: HttpRequest) -> JsonResponse:
    if request.method not in ("GET", "POST"):
        message = _("Use GET or POST, not %s.") % request.method
        raise Refusal(405, "bad_method", message, allow="GET, POST")
    who = caller(request)
    who.must_have("cases.run_case")
    asked = parameters.read(request)
    environment = find_environment(asked["env"]) if "env" in asked else None
    if "case_id" in asked:
        return _run_one(parameters.number(asked, "case_id"), environment, who, request)
    module_id = parameters.number(asked, "module_id")
    return _run_module(module_id, environment, parameters.wait_s(asked), who, request)


def _run_one(
    case_id: int, environment: Environment | None, who: Caller, request: HttpRequest
) -> JsonResponse:
    case = Case.objects.filter(pk=case_id).first()
    if case is None:
        raise Refusal(404, "not_found", _("There is no case %d.") % case_id)
    with _turn():
        run = _start(tasks.run_now, Selection(case_ids=(case.pk,)), environment, who, request)
    if run.is_open:  # more rows than fit into one budget
        return JsonResponse(_described(run, request), status=202)
    return JsonResponse(_described(run, request) | {"results": _results(run)})


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=TURN_S):
        raise Refusal(
            503,
            "busy",
            _("%d cases are running in this process already; try again.")
            % settings.INLINE_LIMIT,
        )
    try:
        yield
    finally:
        _turns.release()


def _run_module(
    module_id: int,
    environment: Environment | None,
    wait_s: float,
    who: Caller,
    request: HttpRequest,
) -> JsonResponse:
    if not Module.objects.filter(pk=module_id).exists():
        raise Refusal(404, "not_found", _("There is no module %d.") % module_id)
    selection = Selection(module_ids=(module_id,))
    run = _wait_for(_start(tasks.start_run, selection, environment, who, request), wait_s)
    return JsonResponse(_described(run, request), status=202 if run.is_open else 200)


def _start(
    how: Callable[..., Run],
    selection: Selection,
    environment: Environment | None,
    who: Caller,
    request: HttpRequest,
) -> Run:
    key = key_of(who.user, parameters.idempotency_key(request))
    start = partial(
        how,
        selection,
        environment=environment,
        trigger=Trigger.API,
        user=who.user,
        token=who.token,
        idempotency_key=key,
    )
    return once(key, selection, start)


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
    in_order = Prefetch("attempts", Attempt.objects.order_by("number"))
    rows = run.results.order_by("row_no").prefetch_related(in_order)
    return [
        result_data(result) | {"attempts": [a.read() for a in result.attempts.all()]}
        for result in rows
    ]
