"""Attempts -> rows, in batches, fenced by the chunk's token. One writer per process, in
its main thread: pool threads never touch the database."""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from cases.engine.record import storable
from runs.choices import ChunkStatus
from runs.execution import caution
from runs.execution.insert import Insert, largest_value, moment
from runs.execution.persist import persistently, refuses_data
from runs.execution.trace import HOST, Trace
from runs.execution.work import Kept, Landed, broken
from runs.models import Attempt, Chunk, Result, Run

logger = logging.getLogger(__name__)

FLUSH_S = 1.0
FLUSH_RESULTS = 500
# Once all is in the hands of threads: what they leave for the last write, nobody works beside.
LAST_RESULTS = 100
FLUSH_BYTES = 4 * 1024 * 1024
# Larger records are not kept; where the database takes less, even smaller ones.
RECORD_BYTES = 8 * 1024 * 1024
# Below this nobody has to ask the database what it takes.
SMALL_BYTES = 64 * 1024

# In the order of `Writer._result`.
insert_results = Insert(
    Result,
    "run",
    "chunk",
    "case_id",
    "version",
    "case_name",
    "case_path",
    "row_no",
    "row_name",
    "outcome",
    "message",
    "started_at",
    "duration_ms",
    "n_attempts",
    "host",
    "pid",
    "thread",
)
insert_attempts = Insert(Attempt, "result", "number", "outcome", "data")


class LostLease(Exception):
    """The chunk is somebody else's by now: nothing may be written for it."""


class Writer:
    """Collects what landed and writes it every second, 500 results or 4 MB.

    Each write also renews the lease and reads the run's cancel flag into `cancelled`.
    """

    def __init__(self, chunk: Chunk, lease_s: float) -> None:
        self.cancelled = False
        self.trace = Trace(chunk)
        self._chunk = chunk
        self._lease_s = lease_s
        self._lease_ends = time.monotonic() + lease_s
        self._waiting: list[Landed] = []
        self._n_bytes = 0
        # Of the results of this chunk: of those that are on record, of those being written.
        self._newest_key = self._written_key = 0
        self._flushed_at = time.monotonic()

    def add(self, landed: Landed) -> None:
        n_bytes = landed.n_bytes
        if n_bytes > min(SMALL_BYTES, RECORD_BYTES):
            landed = _of_storable_size(landed, self._record_limit())
            n_bytes = landed.n_bytes
        self._waiting.append(landed)
        self._n_bytes += n_bytes

    def tick(self, *, at_once: bool = False, ends_soon: bool = False) -> None:
        """Write if it is time, or `at_once` what there is. Raises `LostLease`."""
        if (
            (at_once and self._waiting)
            or len(self._waiting) >= (LAST_RESULTS if ends_soon else FLUSH_RESULTS)
            or self._n_bytes >= FLUSH_BYTES
            or time.monotonic() - self._flushed_at >= FLUSH_S
        ):
            self.flush()

    def flush(self) -> None:
        """Write what waits, renew the lease, read the cancel flag. Raises `LostLease`."""
        batch, began = self._waiting, time.monotonic()
        try:
            persistently(lambda: self._write(batch), until=self._lease_ends)
        except Exception as error:
            if not refuses_data(error):
                raise
            logger.warning("A batch of %d results was refused: %s", len(batch), error)
            persistently(lambda: self._write_one_by_one(batch), until=self._lease_ends)
        self.trace.written(batch)
        self._newest_key = self._written_key
        self._waiting, self._n_bytes = [], 0
        self._flushed_at = time.monotonic()
        self._lease_ends = began + self._lease_s

    def mark_sent(self, n_sent: int) -> None:
        """Note that work before this number may be sent now. Raises `LostLease`."""
        persistently(lambda: self._fence(n_sent=n_sent), until=self._lease_ends)

    def _record_limit(self) -> int:
        return min(RECORD_BYTES, persistently(largest_value, until=self._lease_ends))

    def _write(self, batch: list[Landed]) -> None:
        with transaction.atomic():
            self._fence(claims=self.trace.claims(batch), **_counted(batch))
            if batch:
                self._insert(batch)
            self._read_flag()

    def _write_one_by_one(self, batch: list[Landed]) -> None:
        with transaction.atomic():
            self._fence()
            stored = self._insert_halves(batch)
            self._fence(claims=self.trace.claims(stored), **_counted(stored))
            self._read_flag()

    def _fence(self, **changes: object) -> None:
        """The lock that makes a late worker harmless: no row, no right to write."""
        own = Chunk.objects.filter(
            pk=self._chunk.pk, token=self._chunk.token, status=ChunkStatus.RUNNING
        )
        lease_until = Now() + timedelta(seconds=self._lease_s)
        if own.update(lease_until=lease_until, **changes) != 1:
            raise LostLease(f"Chunk {self._chunk.pk} is no longer ours.")

    def _read_flag(self) -> None:
        run = Run.objects.filter(pk=self._chunk.run_id)
        asked_at = run.values_list("cancel_requested_at", flat=True).first()
        self.cancelled = self.cancelled or asked_at is not None

    def _insert(self, batch: list[Landed]) -> None:
        insert_results(self._result(landed) for landed in batch)
        keys = self._keys()
        self._written_key = max(keys.values())
        insert_attempts(
            (
                keys[landed.work.case_id, landed.work.row_no],
                number,
                kept.outcome.value,
                kept.data,
            )
            for landed in batch
            for number, kept in enumerate(landed.tries, 1)
        )

    def _keys(self) -> dict[tuple[int, int], int]:
        """The new results' keys, by case and row: unique within the run.

        All behind the last write are asked for: to name 500 cases would cost more than the
        answer.
        """
        rows = Result.objects.filter(chunk=self._chunk, pk__gt=self._newest_key).order_by("pk")
        found = rows.values_list("case_id", "row_no", "pk")
        return {(case_id, row_no): pk for case_id, row_no, pk in found}

    def _insert_halves(self, batch: list[Landed]) -> list[Landed]:
        """Insert what the database takes; returns it as it was stored.

        One bad result never sinks its batch: halved until it is alone, it is recorded
        as an error that says why.
        """
        if not batch:
            return []
        try:
            with transaction.atomic():
                self._insert(batch)
            return batch
        except Exception as error:
            if not refuses_data(error):
                raise
            if len(batch) == 1:
                reason = f"Result could not be stored: {type(error).__name__}."
                logger.warning("%s %s", batch[0].work.spec.path, reason)
                replaced = [broken(batch[0].work._replace(earlier=()), reason)]
                self._insert(replaced)
                return replaced
        middle = len(batch) // 2
        halves = batch[:middle], batch[middle:]
        return [landed for half in halves for landed in self._insert_halves(half)]

    def _result(self, landed: Landed) -> tuple[object, ...]:
        work = landed.work
        return (
            self._chunk.run_id,
            self._chunk.pk,
            work.case_id,
            work.version_id,
            work.spec.name,
            work.spec.path[:1000],
            work.row_no,
            work.row.name[:200] if work.row else "",
            landed.outcome.value,
            storable(landed.message)[:1000],
            moment(landed.started_at),
            landed.duration_ms,
            landed.n_attempts,
            HOST,
            os.getpid(),
            landed.thread[:60],
        )


def _counted(batch: list[Landed]) -> dict[str, object]:
    counts = Counter(landed.outcome.value for landed in batch)
    counts["passed_on_retry"] = sum(landed.passed_on_retry for landed in batch)
    changes: dict[str, object] = {
        f"n_{name}": F(f"n_{name}") + n for name, n in counts.items() if n
    }
    return changes | ({"attempts": caution.moved()} if batch else {})


def _of_storable_size(landed: Landed, limit: int) -> Landed:
    """A try whose record is too large is kept without what it sent and received."""
    earlier = tuple(
        Kept(outcome=kept.outcome, data=broken(landed.work, _too_large(kept)).data)
        if len(kept.data) > limit
        else kept
        for kept in landed.work.earlier
    )
    work = landed.work._replace(earlier=earlier)
    last = landed.tries[-1]
    if len(last.data) > limit:
        return broken(work, f"Result could not be stored: {_too_large(last)}.")
    return landed._replace(work=work)


def _too_large(kept: Kept) -> str:
    return f"its record of {len(kept.data)} bytes is too large"
