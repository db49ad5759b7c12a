"""Specs -> attempts, in the threads of this worker process.

There is one crew per process, made once; its threads run `cases.engine` and nothing else,
inside the boundary that they are handed. They never see a row or a query.
"""

from __future__ import annotations

import itertools
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import parent_process
from multiprocessing.util import Finalize

from cases.engine.transport import Session
from runs.execution.work import Boundary, Landed, Work, broken, perform

logger = logging.getLogger(__name__)

# A thread whose case is this late is given up: its case ends as an error.
GRACE_S = 10.0


@dataclass(slots=True)
class _Ticket:
    work: Work
    late_at: float
    given_up: bool = False
    is_back: bool = False


@dataclass(slots=True)
class Crew:
    """The threads of this process. Made once and kept: see `crew_of_this_process`."""

    size: int
    _executor: ThreadPoolExecutor = field(init=False)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _own: threading.local = field(default_factory=threading.local)
    # Threads that are still away with a case that nobody waits for any more.
    n_stuck: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._executor = ThreadPoolExecutor(self.size, "case", self._start_thread)

    def _start_thread(self) -> None:
        threading.current_thread().name = f"case-{next(self._numbers)}"
        self._own.session = Session()
        logger.info("Pool thread started.")

    @property
    def is_worn(self) -> bool:
        """Half of the threads are stuck: time for a new crew."""
        return self.n_stuck * 2 >= self.size

    def flight(self, boundary: Boundary, stopped: Callable[[], bool]) -> Flight:
        """Room for `size` pieces of work at once. `stopped` is asked before each request."""
        return Flight(self, boundary, stopped)

    def submit(self, job: Callable[[Session], None]) -> None:
        self._executor.submit(lambda: job(self._own.session))

    def give_up(self, ticket: _Ticket) -> None:
        """Wait no longer for it; its thread counts as stuck until it comes back."""
        with self._lock:
            ticket.given_up = True
            self.n_stuck += not ticket.is_back

    def welcome(self, ticket: _Ticket) -> None:
        """Its thread is free again."""
        with self._lock:
            ticket.is_back = True
            self.n_stuck -= ticket.given_up

    def leave(self) -> None:
        """Without waiting: a late thread must not hold up who leaves."""
        self._executor.shutdown(wait=False, cancel_futures=True)


class Flight:
    """Work under way: launched by one thread, performed by many, landed in that one."""

    def __init__(self, crew: Crew, boundary: Boundary, stopped: Callable[[], bool]) -> None:
        self._crew = crew
        self._boundary = boundary
        self._stopped = stopped
        self._abandoned = False
        self._landed: queue.SimpleQueue[tuple[_Ticket, Landed]] = queue.SimpleQueue()
        self._tickets: dict[int, _Ticket] = {}

    def __len__(self) -> int:
        return len(self._tickets)

    @property
    def has_room(self) -> bool:
        return len(self._tickets) < self._crew.size - self._crew.n_stuck

    def launch(self, work: Work) -> None:
        late_at = time.monotonic() + work.spec.timeout_ms / 1000 + GRACE_S
        ticket = _Ticket(work, late_at)
        self._tickets[work.number] = ticket
        self._crew.submit(lambda session: self._perform(ticket, session))

    def landed(self, timeout_s: float) -> Iterator[Landed]:
        """What came back; waits for the first at most `timeout_s`."""
        try:
            ticket, landed = self._landed.get(timeout=timeout_s)
            while True:
                if not ticket.given_up:
                    del self._tickets[ticket.work.number]
                    yield landed
                ticket, landed = self._landed.get_nowait()
        except queue.Empty:
            yield from self._given_up()

    def abandon(self) -> None:
        """Send nothing more and forget what is under way."""
        self._abandoned = True
        for ticket in self._tickets.values():
            self._crew.give_up(ticket)
        self._tickets.clear()

    def _given_up(self) -> Iterator[Landed]:
        now = time.monotonic()
        for ticket in [t for t in self._tickets.values() if t.late_at < now]:
            self._crew.give_up(ticket)
            del self._tickets[ticket.work.number]
            limit_s = ticket.work.spec.timeout_ms / 1000
            yield broken(
                ticket.work,
                f"The case did not come back within its deadline of {limit_s:g} s; "
                "its thread was given up.",
            )

    def _is_stopped(self) -> bool:
        return self._abandoned or self._stopped()

    def _perform(self, ticket: _Ticket, session: Session) -> None:
        landed = perform(ticket.work, session, self._boundary, self._is_stopped)
        self._landed.put((ticket, landed))
        self._crew.welcome(ticket)


def crew_of_this_process(size: int) -> Crew:
    """Made when first asked for, kept until half of its threads are stuck."""
    crew = _crew_of(os.getpid(), size)
    if crew.is_worn:
        logger.warning("%d threads never came back: a new crew.", crew.n_stuck)
        crew.leave()
        _crew_of.cache_clear()
        crew = _crew_of(os.getpid(), size)
    return crew


@lru_cache(maxsize=1)
def _crew_of(_pid: int, size: int) -> Crew:
    # By process: threads do not survive a fork.
    crew = Crew(size)
    # Last of all that multiprocessing does when a process ends: what is in its queues has
    # been written by then.
    Finalize(None, _end_at_once_if_stuck, args=(crew,), exitpriority=-100)
    return crew


def _end_at_once_if_stuck(crew: Crew) -> None:
    """A process waits for its threads when it ends, and django-q2 for its workers: one
    thread that never comes back would cost a worker."""
    if crew.n_stuck and parent_process() is not None:
        os._exit(0)
