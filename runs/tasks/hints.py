"""What workers are asked to do. Each of these may come twice, or too late."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils import timezone

from runs import retention
from runs.execution import plan
from runs.execution import watch as watching
from runs.execution.chunk import run_chunk as execute_chunk
from runs.execution.dispatch import dispatch
from runs.execution.pool import crew_of_this_process
from runs.tasks import news, queue, timetable

logger = logging.getLogger(__name__)


def plan_run(run_id: int) -> None:
    """Write a large run's chunks, then send the first of them."""
    plan.plan_run(run_id)
    queue.send_on_commit(dispatch(run_id))


def run_chunk(chunk_id: int) -> None:
    """Execute one chunk, or as much of it as one claim allows."""
    crew = crew_of_this_process(settings.THREADS)
    due = execute_chunk(chunk_id, crew, lease_s=settings.LEASE_S)
    queue.send(due)
    if not due:
        news.announce_run_of(chunk_id)


def watch(run_id: int | None = None, *, all_hints: bool = False) -> None:
    """Look after open runs, or one, and after the schedules. Cheap; call it freely.

    `all_hints` sends also those again that were sent a moment ago.
    """
    due = watching.watch(run_id, hint_stale_s=0 if all_hints else settings.HINT_STALE_S)
    queue.send_on_commit(due.chunks)
    for pk in due.runs_to_plan:
        queue.plan_on_commit(pk)
    if run_id is None:
        timetable.fire_missed()
        news.announce_due()


def prune() -> None:
    """Delete what RETENTION_* no longer keeps; what the deadline cuts off waits a night."""
    pruned = retention.prune(timezone.now())
    logger.info(
        "Deleted %d attempts, %d results, %d runs, %d contents.",
        pruned.n_attempts,
        pruned.n_results,
        pruned.n_runs,
        pruned.n_contents,
    )
