"""What the first page of the console shows: each part to those who may see its source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from runs.choices import BROKEN, Outcome, RunStatus
from runs.models import Chunk, Run
from runs.stats import by_day
from runs.templatetags.outcomes import counts_of
from runs.workers import cluster_status

LAST_DAYS = 14
LAST_RUNS = 10
BROKEN_CASES = 10
# The rate is taken over so many of the runs that finished last.
RATE_OVER = 20


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds `run_part` and `case_part`; None for somebody who may not see it."""
    user = request.user
    return {
        **context,
        "run_part": _runs() if user.has_perm("runs.view_run") else None,
        "case_part": _cases() if user.has_perm("cases.view_case") else None,
        "may_write": user.has_perm("cases.add_case"),
    }


def _runs() -> dict[str, Any]:
    last = Run.objects.with_counts().select_related("user", "token")[:LAST_RUNS]
    return {
        "last": [(run, counts_of(run)) for run in last],
        "n_open": Run.objects.open().count(),
        "pass_rate": _pass_rate(),
        "rate_over": RATE_OVER,
        "cluster": cluster_status(),
        "days": _days(),
    }


def _days() -> dict[str, Any]:
    """The last days in the reader's zone: each with its runs' page, and its results as a
    part of the largest day's."""
    days = by_day(LAST_DAYS, timezone.get_current_timezone(), timezone.now())
    runs = reverse("admin:runs_run_changelist")
    largest = max(sum(day.results.values()) for day in days)
    return {
        "each": [
            (day, f"{runs}?{urlencode({'day': day.day})}", {**day.results, "n_total": largest})
            for day in days
        ],
        "n_days": LAST_DAYS,
        "largest": largest,
        "results": _sum(day.results for day in days),
    }


def _sum(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return total


def _cases() -> dict[str, Any]:
    broken = Case.objects.filter(is_active=True, last_outcome__in=BROKEN)
    return {
        "n_cases": Case.objects.filter(is_active=True).count(),
        "n_broken": broken.count(),
        "broken": broken.select_related("module").order_by("-last_run_at")[:BROKEN_CASES],
    }


def _pass_rate() -> float | None:
    """Per cent of what was judged in the last finished runs; None before the first."""
    finished = Run.objects.filter(status=RunStatus.FINISHED).order_by("-pk")
    ids = list(finished.values_list("pk", flat=True)[:RATE_OVER])
    names = [name for name in Outcome.values if name != Outcome.SKIPPED]
    sums = Chunk.objects.filter(run__in=ids).aggregate(
        **{name: Sum(f"n_{name}", default=0) for name in names}
    )
    judged = sum(sums.values())
    return 100 * sums[Outcome.PASSED] / judged if judged else None
