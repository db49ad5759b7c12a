"""One case now, in the thread that asks: the same claim, boundary, writer and record as in
a worker, without the queue."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db.models.functions import Now

from cases.engine.transport import Session
from runs.choices import ChunkStatus
from runs.execution.chunk import run_chunk
from runs.execution.tries import Tries
from runs.execution.work import Boundary, Landed, Work, perform
from runs.models import Run

# An inline chunk renews its lease only between tries, so the lease covers a whole one.
MARGIN_S = 15


def reserve(run: Run) -> None:
    """Keep a run's chunks for `run_inline`; in the transaction that plans it.

    They are marked as sent though no hint is: workers do not hear of them, and if this
    process dies the watch sends one.
    """
    run.chunks.update(status=ChunkStatus.QUEUED, sent_at=Now())


def run_inline(run: Run) -> list[int]:
    """Execute a reserved run here, chunk by chunk.

    Returns the chunks that a hint is due for: what did not fit into the soft budget goes
    to the workers.
    """
    lease_s = settings.CASE_TIMEOUT_S + MARGIN_S
    budget_ends = time.monotonic() + settings.CHUNK_BUDGET_S
    with _Here() as here:
        for chunk_id in list(run.chunks.order_by("seq").values_list("pk", flat=True)):
            if time.monotonic() < budget_ends:
                run_chunk(chunk_id, here, lease_s=lease_s)
    left = run.chunks.filter(status=ChunkStatus.QUEUED)
    return list(left.values_list("pk", flat=True))


class _Here:
    """A performer whose only thread is the caller's."""

    def __init__(self) -> None:
        self._session = Session()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()

    def flight(self, boundary: Boundary, stopped: Callable[[], bool], line: int) -> _Walk:
        return _Walk(self._session, boundary, stopped)


class _Walk:
    """A flight with room for one: launching performs.

    Between two tries the caller has its turn: it renews the lease and reads the cancel flag.
    """

    is_stuck = False

    def __init__(
        self, session: Session, boundary: Boundary, stopped: Callable[[], bool]
    ) -> None:
        self._session = session
        self._boundary = boundary
        self._stopped = stopped
        self._tries: Tries | None = None

    def __len__(self) -> int:
        return int(self._tries is not None)

    @property
    def room(self) -> int:
        return 1 - len(self)

    def launch(self, going: Sequence[Work]) -> None:
        for work in going:
            self._tries = Tries(work, self._perform)

    def landed(self, timeout_s: float) -> Iterator[Landed]:
        if self._tries is None:
            return
        if self._tries.due_at is None or self._stopped():
            landed, self._tries = self._tries.landed, None
            yield landed
            return
        left_s = self._tries.due_at - time.monotonic()
        if left_s > 0:
            time.sleep(min(left_s, timeout_s))
        else:
            self._tries.try_again()

    def wake(self) -> None:
        pass  # nobody else is there to call

    def recall(self) -> list[Work]:
        return []

    def abandon(self) -> None:
        self._tries = None

    def _perform(self, work: Work) -> Landed:
        return perform(work, self._session, self._boundary, self._stopped)
