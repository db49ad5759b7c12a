"""Work under way: launched and landed by one thread, performed by many.

The two sides meet as seldom as they can. A thread that is done takes the next piece by
itself, and the launching thread is woken when the line gets short or nothing is left, not
for every case: waking it each time cost more than half of what the case did.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from cases.engine.transport import Session
from runs.execution.hiring import LOOK_S, Hiring
from runs.execution.tries import perform_tries
from runs.execution.work import Boundary, Landed, Work, broken, perform

# A thread whose case is this late is given up: its case ends as an error.
GRACE_S = 10.0


class Hands(Protocol):
    """The threads that fly, as a flight sees them."""

    n_stuck: int
    hiring: Hiring
    lock: threading.Lock

    @property
    def size(self) -> int: ...

    def submit(self, job: Callable[[Session], None]) -> None:
        """Do this in one of the threads, soon."""


@dataclass(slots=True, eq=False)
class _Ticket:
    """A piece of work in the hands of a thread."""

    work: Work
    late_at: float
    given_up: bool = False


class Flight:
    """Keeps as many of the `hands` busy as are of use, until nothing is left, and counts
    those that do not come back.

    For each of them `line` pieces may stand in line.
    """

    def __init__(
        self, hands: Hands, boundary: Boundary, stopped: Callable[[], bool], line: int
    ) -> None:
        self._hands = hands
        self._longest = line * hands.size
        self._boundary = boundary
        self._stopped = stopped
        self._abandoned = False
        self._lock = hands.lock  # guards all below
        self._line: deque[Work] = deque()
        self._tickets: set[_Ticket] = set()
        self._landed: deque[Landed] = deque()
        self._n_flying = 0
        self._wants_more = False
        self._wake = threading.Event()
        hands.hiring.begin()

    def __len__(self) -> int:
        """What has not been handed out by `landed` yet."""
        return len(self._line) + len(self._tickets) + len(self._landed)

    @property
    def n_begun(self) -> int:
        """What threads have in their hands."""
        return len(self._tickets)

    @property
    def room(self) -> int:
        return 0 if self.is_stuck else self._longest - len(self._line)

    @property
    def is_stuck(self) -> bool:
        """No thread is left that could take anything."""
        return self._hands.n_stuck >= self._hands.size

    def launch(self, going: Sequence[Work]) -> None:
        with self._lock:
            self._line.extend(going)
        self._hire()

    def landed(self, timeout_s: float) -> Iterator[Landed]:
        """What came back; waits at most `timeout_s` for something worth getting up for."""
        self._wants_more = self.room <= 0
        self._sleep(timeout_s)
        self._wake.clear()
        while self._landed:
            yield self._landed.popleft()
        yield from self._given_up()

    def wake(self) -> None:
        """Let `landed` return now; from any thread."""
        self._wake.set()

    def recall(self) -> list[Work]:
        """Take back what no thread has begun."""
        with self._lock:
            waiting = list(self._line)
            self._line.clear()
        return waiting

    def abandon(self) -> None:
        """Send nothing more and forget what is under way."""
        with self._lock:
            self._abandoned = True
            self._line.clear()
            for ticket in self._tickets:
                ticket.given_up = True
            self._hands.n_stuck += len(self._tickets)
            self._tickets.clear()
            self._landed.clear()

    def _sleep(self, longest_s: float) -> None:
        """Until there is something worth getting up for; on the way hire who is missed."""
        ends = time.monotonic() + longest_s
        while True:
            now = time.monotonic()
            due = min(ends, now + LOOK_S) if self._line else ends
            if self._wake.wait(due - now):
                return
            now = time.monotonic()
            if self._line:
                self._hands.hiring.look(now - due)
                self._hire()
            if now >= ends:
                return

    def _hire(self) -> None:
        """Let as many threads come as are of use for what stands in line."""
        hands = self._hands
        with self._lock:
            free = min(hands.hiring.n_useful, hands.size - hands.n_stuck) - self._n_flying
            hired = min(max(free, 0), len(self._line))
            self._n_flying += hired
        for _ in range(hired):
            hands.submit(self._fly)

    def _given_up(self) -> Iterator[Landed]:
        """Wait no longer for who is late; its thread counts as stuck until it is back."""
        now = time.monotonic()
        with self._lock:
            late = [ticket for ticket in self._tickets if ticket.late_at < now]
            for ticket in late:
                ticket.given_up = True
                self._tickets.remove(ticket)
            self._n_flying -= len(late)
            self._hands.n_stuck += len(late)
        for ticket in late:
            yield broken(
                ticket.work,
                "The case did not come back within its deadline of "
                f"{ticket.work.longest_s:g} s; its thread was given up.",
            )

    def _is_stopped(self) -> bool:
        return self._abandoned or self._stopped()

    def _fly(self, session: Session) -> None:
        """In a thread: piece after piece, until none is left or it is one too many."""

        def once(work: Work) -> Landed:
            return perform(work, session, self._boundary, self._is_stopped)

        while (ticket := self._take()) is not None:
            landed = perform_tries(ticket.work, once, self._is_stopped)
            with self._lock:
                if ticket.given_up:
                    self._hands.n_stuck -= 1
                    return
                self._tickets.remove(ticket)
                self._landed.append(landed)

    def _take(self) -> _Ticket | None:
        with self._lock:
            stopped = self._is_stopped()
            short = self._wants_more and len(self._line) <= self._longest // 4
            if short or stopped or not (self._line or self._tickets):
                self._wake.set()
            crowded = self._n_flying > self._hands.hiring.n_useful
            if stopped or crowded or not self._line:
                self._n_flying -= 1
                return None
            work = self._line.popleft()
            ticket = _Ticket(work, time.monotonic() + work.longest_s + GRACE_S)
            self._tickets.add(ticket)
            return ticket
