"""Claim, load, run, write: where rows become specs and attempts become rows.

Everything here is done by one thread, the main thread of a worker process; the crew's
threads see plain data only. Think of each line as if the process died right after it:
what was not written is done again by whoever claims the chunk when the lease ends.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from runs.choices import ChunkStatus, RunStatus
from runs.connections import CleanConnections
from runs.execution import caution, drain, manifest
from runs.execution.desk import Desk, RunTokens
from runs.execution.dispatch import dispatch
from runs.execution.environment import NOTHING, UnusableSecret, surroundings
from runs.execution.lending import Lending
from runs.execution.manifest import Unit
from runs.execution.performer import Performer, UnderWay
from runs.execution.persist import persistently
from runs.execution.shared import RunLedger, remembered_tokens
from runs.execution.trace import Trace
from runs.execution.work import Work, broken
from runs.execution.writer import LostLease, Writer
from runs.log import Where
from runs.models import Chunk, Run
from runs.querysets import ChunkQuerySet

logger = logging.getLogger(__name__)

# How long the main thread sleeps at most while nothing lands.
PAUSE_S = 0.2
# So many cases for each thread stand in line, enough for the time that a write takes...
LINE = 4
# ... or only so many, where those that stand there count as sent if the worker dies.
LINE_NEVER_TWICE = 1


def run_chunk(chunk_id: int, performer: Performer, *, lease_s: float) -> list[int]:
    """Do what one claim allows; returns the ids of the chunks that a hint is due for.

    Returns nothing, and does nothing, when the chunk is not to be had: a hint may come
    twice, or late.
    """
    chunk = claim(chunk_id, lease_s)
    if chunk is None:
        return []
    with Where(run=chunk.run_id, chunk=chunk.pk):
        writer = Writer(chunk, lease_s)
        try:
            rest = _perform(chunk, performer, writer)
            return conclude(chunk, rest, writer)
        except LostLease:
            logger.warning("The lease ended: another worker has this chunk.")
            return []


def claim(chunk_id: int, lease_s: float) -> Chunk | None:
    """Make the chunk ours by one conditional UPDATE, or return None."""
    hopeful = Q(status=ChunkStatus.QUEUED) | Q(attempts__lt=caution.MAX_ATTEMPTS)
    free = Chunk.objects.claimable().filter(hopeful)
    chunk = _take(chunk_id, free, lease_s, attempts=F("attempts") + 1)
    if chunk is not None and chunk.run.status == RunStatus.QUEUED:
        Run.objects.filter(pk=chunk.run_id, status=RunStatus.QUEUED).update(
            status=RunStatus.RUNNING, started_at=Now()
        )
    return chunk


def claim_lost(chunk_id: int, lease_s: float) -> Chunk | None:
    """Claim a chunk that too many workers died of, to give up what they died of."""
    lost = Chunk.objects.filter(
        status=ChunkStatus.RUNNING,
        lease_until__lt=Now(),
        attempts__gte=caution.MAX_ATTEMPTS,
    )
    return _take(chunk_id, lost, lease_s, attempts=F("attempts"))


def _take(
    chunk_id: int, free: ChunkQuerySet, lease_s: float, attempts: Combinable
) -> Chunk | None:
    token = uuid.uuid4().hex
    won = free.filter(pk=chunk_id).update(
        status=ChunkStatus.RUNNING,
        token=token,
        lease_until=Now() + timedelta(seconds=lease_s),
        attempts=attempts,
    )
    if won != 1:
        return None
    ours = Chunk.objects.select_related("run").filter(pk=chunk_id, token=token)
    return ours.first()


def conclude(chunk: Chunk, rest: list[Work], writer: Writer, *, attempts: int = 0) -> list[int]:
    """End the chunk, or give it back to go behind the others; then move the run on.

    `attempts` is what counts against a chunk that is given back.
    """
    change: dict[str, object]
    if not rest:
        change = {"status": ChunkStatus.FINISHED}
    elif writer.cancelled:
        change = {"status": ChunkStatus.CANCELLED}
    else:
        change = {
            "status": ChunkStatus.QUEUED,
            "sent_at": Now(),
            "attempts": attempts,
            "n_sent": rest[0].number,
        }
    until = time.monotonic() + settings.LEASE_S
    persistently(lambda: _let_go(chunk, change, writer.trace), until=until)
    due = [chunk.pk] if change["status"] == ChunkStatus.QUEUED else []
    return due + persistently(lambda: dispatch(chunk.run_id), until=until)


def _let_go(chunk: Chunk, change: dict[str, object], trace: Trace) -> None:
    own = Chunk.objects.filter(pk=chunk.pk, token=chunk.token, status=ChunkStatus.RUNNING)
    claims = trace.claims(ended=str(change["status"]))
    own.update(token="", lease_until=None, claims=claims, **change)


def _perform(chunk: Chunk, performer: Performer, writer: Writer) -> list[Work]:
    """Run the chunk's cases until none is left, the run is cancelled or the soft budget
    is spent; returns what was not begun."""
    wanted = manifest.open_units(chunk)
    desk = Desk(RunLedger(chunk.run_id))
    tokens = RunTokens(remembered_tokens(chunk.run_id, chunk.run.created_at), desk)
    try:
        around = surroundings(chunk.run, [unit.spec for unit in wanted], tokens)
    except UnusableSecret as error:
        record_errors(wanted, str(error), writer)
        return []
    work = deque(manifest.load(wanted, around))
    writer.cancelled = chunk.run.cancel_requested_at is not None
    if chunk.run.never_send_twice:
        work = _without_interrupted(chunk, work, writer)
    line = LINE_NEVER_TWICE if chunk.run.never_send_twice else LINE
    boundary = partial(_boundary, chunk, writer.trace)
    flight = performer.flight(boundary, lambda: writer.cancelled, line)
    desk.wake = flight.wake
    lending = Lending()
    budget_ends = time.monotonic() + settings.CHUNK_BUDGET_S
    try:
        while True:
            spent = time.monotonic() > budget_ends or drain.is_asked() or flight.is_stuck
            if writer.cancelled or spent:
                work.extendleft(lending.take_back(item) for item in reversed(flight.recall()))
            else:
                _launch(chunk, work, flight, writer, lending)
            if not flight:
                break
            if not work:  # beside the last cases, lest the last write is a long one
                writer.tick(ends_soon=True)
            for landed in map(lending.landed, flight.landed(desk.pause_s(PAUSE_S))):
                if landed.is_given_back:
                    work.append(landed.work._replace(earlier=()))
                else:
                    writer.add(landed)
            desk.serve()
            writer.tick(at_once=caution.is_suspect(chunk))
    finally:
        flight.abandon()
        desk.close()
    writer.flush()
    return list(work)


def _launch(
    chunk: Chunk, work: deque[Work], flight: UnderWay, writer: Writer, lending: Lending
) -> None:
    room = flight.room
    if caution.is_suspect(chunk):
        room = 0 if flight else min(room, 1)
    going: list[Work] = []
    while len(going) < room and work and lending.has_room(work[0]):
        if chunk.run.never_send_twice:
            _note_sending(chunk, work[0], writer)
        going.append(lending.lend(work.popleft()))
    if going:
        flight.launch(going)


def record_errors(wanted: list[Unit], message: str, writer: Writer) -> None:
    """Record these units as errors that are not their own, without sending them."""
    for work in manifest.load(wanted, NOTHING):
        writer.add(broken(work, message))
    writer.flush()


def _without_interrupted(chunk: Chunk, work: deque[Work], writer: Writer) -> deque[Work]:
    """What an earlier claim may have sent without recording is not sent again."""
    for item in work:
        if item.number < chunk.n_sent:
            writer.add(broken(item, "Interrupted: the worker died while it was sent."))
    writer.flush()
    return deque(item for item in work if item.number >= chunk.n_sent)


def _note_sending(chunk: Chunk, work: Work, writer: Writer) -> None:
    """With `never_send_twice`: on record before the first byte leaves, a crew at a time."""
    if work.number >= chunk.n_sent:
        chunk.n_sent = work.number + settings.THREADS
        writer.mark_sent(chunk.n_sent)


@contextmanager
def _boundary(chunk: Chunk, trace: Trace, work: Work) -> Iterator[None]:
    named = Where(run=chunk.run_id, chunk=chunk.pk, case=work.case_id)
    with named, CleanConnections(work.spec.path, partial(trace.left_open, work)):
        yield
