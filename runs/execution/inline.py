"""One case now, in the thread that asks: the same claim, boundary, writer and record as in
a worker, without the queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db.models.functions import Now

from cases.engine.transport import Session
from runs.choices import ChunkStatus
from runs.execution.chunk import run_chunk
from runs.execution.pool import Boundary, Landed, Work, perform
from runs.models import Run

# An inline chunk renews its lease only between cases, so the lease covers a whole one.
MARGIN_S = 15


def run_inline(run: Run) -> list[int]:
    """Execute a planned run here, chunk by chunk; returns the chunks that a hint is due
    for (what did not fit into the soft budget goes to the workers)."""
    due: list[int] = []
    lease_s = settings.CASE_TIMEOUT_S + MARGIN_S
    with _Here() as here:
        for chunk in run.chunks.order_by("seq"):
            # Marked as sent, though no hint is: if this process dies, the watch sends one.
            run.chunks.filter(pk=chunk.pk, status=ChunkStatus.WAITING).update(
                status=ChunkStatus.QUEUED, sent_at=Now()
            )
            due += run_chunk(chunk.pk, here, lease_s=lease_s)
    mine = set(run.chunks.values_list("pk", flat=True))
    return [pk for pk in due if pk in mine]


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

    def flight(self, boundary: Boundary, stopped: Callable[[], bool]) -> _Walk:
        return _Walk(self._session, boundary, stopped)


class _Walk:
    """A flight with room for one: launching performs."""

    def __init__(
        self, session: Session, boundary: Boundary, stopped: Callable[[], bool]
    ) -> None:
        self._session = session
        self._boundary = boundary
        self._stopped = stopped
        self._landed: list[Landed] = []

    def __len__(self) -> int:
        return len(self._landed)

    @property
    def has_room(self) -> bool:
        return not self._landed

    def launch(self, work: Work) -> None:
        self._landed.append(perform(work, self._session, self._boundary, self._stopped))

    def landed(self, _timeout_s: float) -> Iterator[Landed]:
        while self._landed:
            yield self._landed.pop()

    def abandon(self) -> None:
        """Nothing is ever under way here."""
