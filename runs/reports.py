"""A run as plain data, for whoever writes it down."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from runs.models import Result, Run


def run_data(run: Run) -> dict[str, Any]:
    """Status, outcome, counts and times: what the API and `--json` say of a run."""
    counts, n_passed_on_retry = run.counts_and_retried()
    n_done = sum(counts.values())
    return {
        "id": run.pk,
        "title": run.title,
        "status": run.status,
        "outcome": run.outcome or None,
        "environment": run.environment_name,
        "trigger": run.trigger,
        "user": run.user.username if run.user else None,
        "message": run.message,
        "repeats": run.repeats_id,
        "repeats_failed_only": run.repeats_failed_only,
        "n_total": run.n_total,
        "n_done": n_done,
        "counts": counts,
        "n_passed_on_retry": n_passed_on_retry,
        "rate_per_s": _rate(run, n_done),
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }


def result_data(result: Result) -> dict[str, Any]:
    """One result without its requests and responses."""
    return {
        "id": result.pk,
        "case_id": result.case_id,
        "path": result.case_path,
        "row_no": result.row_no,
        "row_name": result.row_name,
        "outcome": result.outcome,
        "message": result.message,
        "n_attempts": result.n_attempts,
        "passed_on_retry": result.passed_on_retry,
        "duration_ms": round(result.duration_ms, 1),
        "started_at": result.started_at,
    }


def _rate(run: Run, n_done: int) -> float | None:
    """Results a second, over the whole run or so far."""
    if not run.started_at:
        return None
    seconds = ((run.finished_at or timezone.now()) - run.started_at).total_seconds()
    return round(n_done / seconds, 1) if seconds > 0 else None
