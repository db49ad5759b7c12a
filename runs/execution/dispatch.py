"""At most WINDOW chunks of a run are under way, so that a large run leaves room for a
small one. Called again whenever a chunk ends."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Now

from runs.choices import ChunkStatus
from runs.execution import finish
from runs.models import Run
from runs.querysets import LIVE


def dispatch(run_id: int) -> list[int]:
    """The chunks of this run that a hint is due for; closes the run when none is left.

    The caller sends the hints after commit. Called twice at once it hands out each chunk
    once: the run's row is locked.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(pk=run_id).first()
        if run is None or not run.is_open:
            return []
        cancelled = run.cancel_requested_at is not None
        if run.planned_at is None and not cancelled:
            return []
        if not cancelled and (due := _fill_window(run)):
            return due
        if not run.chunks.unfinished().exists():
            finish.close(run)
    return []


def can_move(run: Run) -> bool:
    """Whether `dispatch` would change anything, asked without a lock: pages ask often."""
    n = run.chunks.aggregate(
        live=Count("pk", filter=Q(status__in=LIVE)),
        waiting=Count("pk", filter=Q(status=ChunkStatus.WAITING)),
    )
    if run.cancel_requested_at is not None or not n["waiting"]:
        return bool(n["live"] + n["waiting"] == 0)
    return bool(n["live"] < settings.WINDOW)


def _fill_window(run: Run) -> list[int]:
    room = settings.WINDOW - run.chunks.live().count()
    if room <= 0:
        return []
    waiting = run.chunks.filter(status=ChunkStatus.WAITING).order_by("seq")
    due = list(waiting.values_list("pk", flat=True)[:room])
    if due:
        run.chunks.filter(pk__in=due).update(status=ChunkStatus.QUEUED, sent_at=Now())
    return due
