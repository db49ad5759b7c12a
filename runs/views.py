"""The page of a run with its live part, and the page of a result.

They stand in the console's shell; `runs.admin` hangs them in as the change views of
their models and has checked by then that the user may look.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from runs import tasks
from runs.choices import BROKEN, Outcome
from runs.models import Result, Run
from runs.record import readable
from runs.whereabouts import connections_of, whereabouts
from runs.workers import cluster_status

PER_PAGE = 50
BROKEN_SHOWN = 20
LOOK_S = 3
# Chosen as if it were an outcome.
ON_RETRY = "passed_on_retry"


def run_page(request: HttpRequest, site: AdminSite, run_id: str) -> HttpResponse:
    """Everything about a run; while it is open its first part asks for itself again."""
    run = _looked_after(run_id)
    counts, n_on_retry = run.counts_and_retried()
    context = {
        **site.each_context(request),
        **_live(request, run, counts, n_on_retry),
        "title": str(run),
        "opts": Run._meta,
        "spec": run.environment.get("spec", {}),
        "told": run.deliveries.select_related("channel").order_by("pk"),
        "deletable": request.user.has_perm("runs.delete_run"),
    }
    if request.GET.get("tab") == "where":
        context["where"] = whereabouts(run)
        return TemplateResponse(request, "runs/run.html", context)
    chosen = request.GET.get("outcome", "")
    chosen = chosen if chosen in (*Outcome.values, ON_RETRY) else ""
    context |= {
        "chosen": chosen,
        "tabs": [(name, counts[name]) for name in Outcome.values if counts[name]],
        "n_on_retry": n_on_retry,
        "page": _results(
            run, {**counts, ON_RETRY: n_on_retry}, chosen, request.GET.get("page", "1")
        ),
        "scopes": run.environment.get("scopes", {}).items(),
        "secrets": run.environment.get("secrets", ()),
    }
    return TemplateResponse(request, "runs/run.html", context)


def run_live(request: HttpRequest, run_id: str) -> HttpResponse:
    """The part of a run's page that changes: light, for it is asked for every second."""
    run = _looked_after(run_id)
    if not run.is_open:  # the whole page once more, with its tables, and no polling
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "runs/_live.html", _live(request, run, *run.counts_and_retried()))


def result_page(request: HttpRequest, site: AdminSite, result_id: str) -> HttpResponse:
    """Every request, response and assertion of a result."""
    result = _by_number(Result.objects.select_related("run", "chunk"), result_id)
    attempts = list(result.attempts.order_by("number").defer("data"))
    number = request.GET.get("attempt", "")
    shown = next((a for a in attempts if str(a.number) == number), None)
    shown = shown or (attempts[-1] if attempts else None)
    context = {
        **site.each_context(request),
        "title": result.case_name,
        "subtitle": result.row_name,
        "opts": Result._meta,
        "result": result,
        "connections": connections_of(result),
        "attempts": attempts,
        "attempt": shown,
        "record": readable(shown.read()) if shown else None,
        "case_exists": Case.objects.filter(pk=result.case_id).exists()
        and request.user.has_perm("cases.view_case"),
    }
    return TemplateResponse(request, "runs/result.html", context)


def _looked_after(run_id: str) -> Run:
    """The run as the watch leaves it: whoever looks sees it end, even with no worker alive.

    Pages ask every second, each of them; the watch looks every few seconds.
    """
    run = _run_or_404(run_id)
    if run.is_open and cache.add(f"looked-after-run-{run.pk}", True, LOOK_S):
        tasks.watch(run.pk)
        run = _run_or_404(run_id)
    return run


def _run_or_404(run_id: str) -> Run:
    related = ("user", "token", "plan", "schedule", "cancelled_by")
    return _by_number(Run.objects.select_related(*related), run_id)


def _by_number(rows: QuerySet[Any], number: str) -> Any:
    if not number.isdecimal():
        raise Http404
    return get_object_or_404(rows, pk=number)


def _live(
    request: HttpRequest, run: Run, counts: dict[str, int], n_on_retry: int
) -> dict[str, Any]:
    n_done = sum(counts.values())
    began = run.started_at or run.created_at
    elapsed = (run.finished_at or timezone.now()) - began
    seconds = elapsed.total_seconds()
    return {
        "run": run,
        "counts": {**counts, ON_RETRY: n_on_retry, "n_total": run.n_total},
        "n_done": n_done,
        "percent": 100 * n_done // run.n_total if run.n_total else 0,
        "elapsed": elapsed,
        "rate": n_done / seconds if run.started_at and seconds > 0 else None,
        "n_broken": sum(counts[name] for name in BROKEN),
        "broken": run.results.broken().order_by("pk")[:BROKEN_SHOWN],
        "cancellable": run.is_open
        and run.cancel_requested_at is None
        and request.user.has_perm("runs.cancel_run"),
        "repeatable": not run.is_open and request.user.has_perm(run.needs_permission),
        "nobody_works": _nobody_works(run),
    }


def _nobody_works(run: Run) -> str:
    """Why an open run does not move, as a sentence; empty when somebody works."""
    if not run.is_open:
        return ""
    status = cluster_status()
    return "" if status.alive else status.message


def _results(run: Run, counts: dict[str, int], chosen: str, number: str) -> Any:
    rows: QuerySet[Result] = run.results.order_by("pk")
    if chosen == ON_RETRY:
        rows = run.results.passed_on_retry().order_by("pk")
    elif chosen:
        rows = rows.filter(outcome=chosen)
    pages = Paginator(rows, PER_PAGE)
    # The counters know: no COUNT over a million rows.
    pages.count = counts[chosen] if chosen else sum(counts[name] for name in Outcome.values)
    return pages.get_page(number)


def started_by(run: Run) -> str:
    """Who or what asked for a run, in one phrase."""
    names = [run.get_trigger_display()]
    if run.user:
        names.append(str(run.user))
    if run.token:
        names.append(_("token %s") % run.token.name)
    return " · ".join(names)
