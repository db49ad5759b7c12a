"""Whatever died, runs end: leases that ended, hints that got lost, runs that cannot move.

Conditional updates only: any number of watches may look at once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from runs.choices import ChunkStatus
from runs.execution import manifest, plan
from runs.execution.chunk import MAX_ATTEMPTS, claim_lost, conclude, record_errors
from runs.execution.dispatch import dispatch
from runs.execution.writer import LostLease, Writer
from runs.models import Chunk, Run

logger = logging.getLogger(__name__)

# After this long a run that nobody could plan is lost.
PLANNING_S = 900
# A case may take CASE_TIMEOUT_S after the cancellation; then its chunk is cut off.
CANCEL_MARGIN_S = 3


@dataclass(slots=True)
class Due:
    """What the caller sends after commit."""

    chunks: list[int] = field(default_factory=list)
    runs_to_plan: list[int] = field(default_factory=list)


def watch(run_id: int | None = None) -> Due:
    """Look at every open run, or at one; returns the hints that are due."""
    runs = Run.objects.open()
    if run_id is not None:
        runs = runs.filter(pk=run_id)
    due = Due()
    for run in runs.order_by("pk"):
        if run.planned_at is None:
            due.runs_to_plan += _unplanned(run)
            continue
        if run.cancel_requested_at is not None:
            _cut_off(run)
        due.chunks += _revive(run)
        due.chunks += _resend(run)
        due.chunks += dispatch(run.pk)
    return due


def _unplanned(run: Run) -> list[int]:
    if run.cancel_requested_at is not None:
        plan.give_up(run, "Cancelled before it was planned.")
        return []
    stale = Run.objects.filter(pk=run.pk)
    if stale.filter(created_at__lt=Now() - timedelta(seconds=PLANNING_S)).exists():
        plan.give_up(run, f"It could not be planned within {PLANNING_S} s.")
        return []
    late = Now() - timedelta(seconds=settings.HINT_STALE_S)
    return list(stale.filter(created_at__lt=late).values_list("pk", flat=True))


def _cut_off(run: Run) -> None:
    """End what a cancelled run still waits for: its workers are dead, or hang."""
    late = Now() - timedelta(seconds=settings.CASE_TIMEOUT_S + CANCEL_MARGIN_S)
    overdue = Run.objects.filter(pk=run.pk, cancel_requested_at__lt=late)
    no_worker = Q(status__in=(ChunkStatus.WAITING, ChunkStatus.QUEUED))
    lease_ended = Q(status=ChunkStatus.RUNNING, lease_until__lt=Now())
    cut = run.chunks.filter(no_worker | lease_ended)
    if overdue.exists():
        cut = run.chunks.unfinished()
    cut.update(status=ChunkStatus.CANCELLED, token="", lease_until=None)


def _revive(run: Run) -> list[int]:
    """Chunks whose worker let the lease end go back to the queue, five times."""
    lost = run.chunks.filter(status=ChunkStatus.RUNNING, lease_until__lt=Now())
    for chunk_id in lost.filter(attempts__gte=MAX_ATTEMPTS).values_list("pk", flat=True):
        _bury(chunk_id)
    ids = list(lost.filter(attempts__lt=MAX_ATTEMPTS).values_list("pk", flat=True))
    return [pk for pk in ids if _requeue(pk)]


def _requeue(chunk_id: int) -> bool:
    lost = Chunk.objects.filter(pk=chunk_id, status=ChunkStatus.RUNNING, lease_until__lt=Now())
    back = {"status": ChunkStatus.QUEUED, "sent_at": Now(), "token": ""}
    if lost.update(lease_until=None, **back) != 1:
        return False
    logger.warning("Chunk %d lost its worker: back to the queue.", chunk_id)
    return True


def _bury(chunk_id: int) -> None:
    """Five workers died of it: its open cases end as errors."""
    chunk = claim_lost(chunk_id, settings.LEASE_S)
    if chunk is None:
        return
    writer = Writer(chunk, settings.LEASE_S)
    message = f"Worker lost: {MAX_ATTEMPTS} workers died while they had this case's chunk."
    try:
        record_errors(manifest.open_units(chunk), message, writer)
        conclude(chunk, [], writer)
    except LostLease:
        logger.info("Another watch buried chunk %d.", chunk_id)


def _resend(run: Run) -> list[int]:
    """Hints that were sent long ago and never claimed: most likely lost."""
    late = Now() - timedelta(seconds=settings.HINT_STALE_S)
    stale = run.chunks.filter(status=ChunkStatus.QUEUED, sent_at__lt=late)
    ids = list(stale.values_list("pk", flat=True))
    return [pk for pk in ids if stale.filter(pk=pk).update(sent_at=Now()) == 1]
