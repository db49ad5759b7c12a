"""Whatever died, runs end: leases that ended, hints that got lost, runs that cannot move.

Conditional updates only: any number of watches may look at once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from runs.choices import ChunkStatus
from runs.execution import caution, manifest, plan
from runs.execution.chunk import claim_lost, conclude, record_errors
from runs.execution.dispatch import can_move, dispatch
from runs.execution.environment import NOTHING
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


def watch(run_id: int | None = None, *, hint_stale_s: float) -> Due:
    """Look at every open run, or at one; returns the hints that are due.

    A hint that was sent longer ago than `hint_stale_s`, and not answered, is due again.
    """
    late = Now() - timedelta(seconds=hint_stale_s)
    runs = Run.objects.open()
    if run_id is not None:
        runs = runs.filter(pk=run_id)
    due = Due()
    for run in runs.order_by("pk"):
        try:
            _look_at(run, due, late)
        except Exception:  # one run that cannot be helped must not hold up the others
            logger.exception("Run %d could not be looked after.", run.pk)
    if run_id is not None:
        # Asked by a page, again and again: only the clock sends these again.
        due.runs_to_plan.clear()
    return due


def _look_at(run: Run, due: Due, late: Combinable) -> None:
    if run.planned_at is None and run.cancel_requested_at is None:
        due.runs_to_plan += _unplanned(run, late)
        return
    if run.cancel_requested_at is not None:
        _cut_off(run)
    due.chunks += _resend(run, late)
    due.chunks += _revive(run)
    if can_move(run):
        due.chunks += dispatch(run.pk)


def _unplanned(run: Run, late: Combinable) -> list[int]:
    stale = Run.objects.filter(pk=run.pk)
    if stale.filter(created_at__lt=Now() - timedelta(seconds=PLANNING_S)).exists():
        plan.give_up(run, _("It could not be planned within %d s.") % PLANNING_S)
        return []
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
    """Chunks whose worker let the lease end go back to the queue, as long as they move."""
    lost = run.chunks.filter(status=ChunkStatus.RUNNING, lease_until__lt=Now())
    due: list[int] = []
    for chunk_id, attempts in list(lost.values_list("pk", "attempts")):
        if attempts >= caution.MAX_ATTEMPTS:
            due += _bury(chunk_id)
        elif _requeue(chunk_id):
            due.append(chunk_id)
    return due


def _requeue(chunk_id: int) -> bool:
    lost = Chunk.objects.filter(pk=chunk_id, status=ChunkStatus.RUNNING, lease_until__lt=Now())
    back = {"status": ChunkStatus.QUEUED, "sent_at": Now(), "token": ""}
    if lost.update(lease_until=None, **back) != 1:
        return False
    logger.warning("Chunk %d lost its worker: back to the queue.", chunk_id)
    return True


def _bury(chunk_id: int) -> list[int]:
    """Workers die of it: the case that kills them ends as an error. Returns the hints
    that are due."""
    chunk = claim_lost(chunk_id, settings.LEASE_S)
    if chunk is None:
        return []
    writer = Writer(chunk, settings.LEASE_S)
    message = (
        f"Worker lost: {caution.MAX_ATTEMPTS} workers died while they had this case's chunk."
    )
    try:
        wanted = manifest.open_units(chunk)
        n_killers = caution.n_killers(chunk, len(wanted))
        record_errors(wanted[:n_killers], message, writer)
        rest = list(manifest.load(wanted[n_killers:], NOTHING))
        return conclude(chunk, rest, writer, attempts=caution.MAX_ATTEMPTS)
    except LostLease:
        logger.info("Another watch buried chunk %d.", chunk_id)
        return []


def _resend(run: Run, late: Combinable) -> list[int]:
    """Hints that were sent long ago and never claimed: most likely lost."""
    stale = run.chunks.filter(status=ChunkStatus.QUEUED, sent_at__lt=late)
    ids = list(stale.values_list("pk", flat=True))
    return [pk for pk in ids if stale.filter(pk=pk).update(sent_at=Now()) == 1]
