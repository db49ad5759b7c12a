"""What workers do, in the thread of a test."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from runs.execution.chunk import claim, run_chunk
from runs.execution.dispatch import dispatch
from runs.execution.manifest import open_units
from runs.execution.pool import Crew
from runs.execution.writer import Writer
from runs.models import Chunk, Run
from tests.runs.landing import land


def work_off(run: Run, crew: Crew, lease_s: float = 30) -> list[int]:
    """Do everything of a run that is due; returns the chunks in the order of their claims."""
    due, done = dispatch(run.pk), []
    while due:
        chunk_id = due.pop(0)
        done.append(chunk_id)
        due += run_chunk(chunk_id, crew, lease_s=lease_s)
    run.refresh_from_db()
    return done


def end_lease(chunk_id: int) -> None:
    """As if the worker that has this chunk had died a while ago."""
    Chunk.objects.filter(pk=chunk_id).update(lease_until=Now() - timedelta(seconds=1))


def record_one_and_die(chunk_id: int) -> None:
    """A worker claims the chunk, puts its first open case on record and is gone."""
    chunk = claim(chunk_id, 30)
    assert chunk is not None
    writer = Writer(chunk, 30)
    writer.add(land(open_units(chunk)[0]))
    writer.flush()
    end_lease(chunk_id)
