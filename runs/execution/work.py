"""One case to be run, and what came of it: plain data on both sides of a thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

from cases.engine import record
from cases.engine.auth.tokens import TokenStore
from cases.engine.files import Contents
from cases.engine.outcome import Attempt, Outcome
from cases.engine.retry import is_worthwhile, longest_ms
from cases.engine.runner import run_case
from cases.engine.spec import CaseSpec, EnvironmentSpec, RowSpec
from cases.engine.transport import Session
from cases.engine.variables import Variables
from runs.packing import pack

logger = logging.getLogger(__name__)


class Kept(NamedTuple):
    """One try as it is stored."""

    outcome: Outcome
    data: bytes  # the attempt as `cases.engine.record`, packed


class Work(NamedTuple):
    """One case, or one row of it, with everything it needs."""

    number: int  # its place in the chunk
    case_id: int
    version_id: int
    row_no: int
    spec: CaseSpec
    row: RowSpec | None
    variables: Callable[[], Variables]  # when it is run: a thousand may wait in line
    environment: EnvironmentSpec
    tokens: TokenStore
    contents: Contents | None = None  # of its attachments, by digest: see `lending`
    retries: int = 0
    retry_room_s: float = 0.0  # after the first try, for the last one to begin
    earlier: tuple[Kept, ...] = ()  # tries that did not pass

    @property
    def longest_s(self) -> float:
        """What it may take with all of its tries."""
        spec = self.spec
        waited_s = longest_ms(self.retries, spec.timeout_ms, spec.retry_pause_ms) / 1000
        return min(waited_s, self.retry_room_s) + spec.timeout_ms / 1000


class Landed(NamedTuple):
    """What came of a piece of work, ready for the writer."""

    work: Work
    outcome: Outcome
    message: str
    started_at: float  # seconds since the epoch
    duration_ms: float
    data: bytes  # the attempt as `cases.engine.record`, packed: all that is kept of it
    thread: str
    may_retry: bool = False  # another try may end otherwise
    is_given_back: bool = False  # it had retries left when its worker was asked to stop

    @property
    def tries(self) -> tuple[Kept, ...]:
        """All of them, this one last."""
        return (*self.work.earlier, Kept(self.outcome, self.data))

    @property
    def n_attempts(self) -> int:
        return len(self.work.earlier) + 1

    @property
    def n_bytes(self) -> int:
        """What all of its tries take."""
        n_earlier = sum([len(kept.data) for kept in self.work.earlier])
        return len(self.data) + n_earlier

    @property
    def passed_on_retry(self) -> bool:
        return self.outcome is Outcome.PASSED and self.work.earlier != ()


Boundary = Callable[[Work], AbstractContextManager[None]]


def perform(
    work: Work, session: Session, boundary: Boundary, stopped: Callable[[], bool]
) -> Landed:
    """Run one case inside the boundary; in a pool thread, or inline."""
    try:
        with boundary(work):
            attempt = run_case(
                work.spec,
                work.variables(),
                session,
                environment=work.environment,
                tokens=work.tokens,
                row=work.row,
                stopped=stopped,
                contents=work.contents,
            )
        return landed(work, attempt)
    except Exception as error:  # a bug of ours: it becomes the result of this case
        logger.exception("Case %s broke the engine.", work.spec.path)
        return broken(work, f"testhub could not run this case: {type(error).__name__}.")


def broken(work: Work, message: str) -> Landed:
    """An error that is not the case's own."""
    return landed(work, Attempt(outcome=Outcome.ERROR, message=message))


def landed(work: Work, attempt: Attempt) -> Landed:
    """The attempt made ready for the writer, in the thread that made it."""
    # Packed here, in the thread: zlib lets the others go on meanwhile.
    data = pack(record.dumps(attempt))
    return Landed(
        work=work,
        outcome=attempt.outcome,
        message=attempt.message,
        started_at=attempt.started_at,
        duration_ms=attempt.duration_ms,
        data=data,
        thread=threading.current_thread().name,
        may_retry=is_worthwhile(attempt),
    )
