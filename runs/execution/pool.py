"""The threads of this worker process: specs -> attempts.

There is one crew per process, made once; its threads run `cases.engine` and nothing else,
inside the boundary that they are handed. They never see a row or a query.
"""

from __future__ import annotations

import gc
import itertools
import logging
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import parent_process
from multiprocessing.util import Finalize

from cases.engine.transport import Session
from runs.execution.flight import Flight
from runs.execution.hiring import Hiring
from runs.execution.work import Boundary

logger = logging.getLogger(__name__)

# New objects between two searches for cycles; Python's own 700 cost a tenth of a worker's
# CPU. Few are needed: the engine leaves none behind, see tests/engine/test_garbage.py.
SEARCHED_EVERY = 10_000
# A process whose threads have not begun by then cannot work.
START_S = 30


@dataclass(slots=True)
class Crew:
    """The threads of this process. Made once and kept: see `crew_of_this_process`."""

    size: int
    hiring: Hiring = field(init=False)
    _executor: ThreadPoolExecutor = field(init=False)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _own: threading.local = field(default_factory=threading.local)
    # Threads that are still away with a case that nobody waits for any more.
    n_stuck: int = 0
    # Guards `n_stuck`, and all that the threads share with a flight.
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.hiring = Hiring(self.size)
        self._executor = ThreadPoolExecutor(self.size, "case", self._start_thread)
        # All at once, not when they are first needed: none can take two of these.
        all_there = threading.Barrier(self.size + 1, timeout=START_S)
        for _number in range(self.size):
            self._executor.submit(all_there.wait)
        all_there.wait()

    def _start_thread(self) -> None:
        threading.current_thread().name = f"case-{next(self._numbers)}"
        self._own.session = Session()
        logger.info("Pool thread started.")

    @property
    def is_worn(self) -> bool:
        """Half of the threads are stuck: time for a new crew."""
        return self.n_stuck * 2 >= self.size

    def flight(self, boundary: Boundary, stopped: Callable[[], bool], line: int) -> Flight:
        """`size` pieces of work at once, and `line` times as many that wait for a thread.
        `stopped` is asked before each request."""
        return Flight(self, boundary, stopped, line)

    def submit(self, job: Callable[[Session], None]) -> None:
        self._executor.submit(lambda: job(self._own.session))

    def leave(self) -> None:
        """Without waiting: a late thread must not hold up who leaves."""
        self._executor.shutdown(wait=False, cancel_futures=True)


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
    # What is loaded by now stays: it need not be searched ever again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(SEARCHED_EVERY)
    # Last of all that multiprocessing does when a process ends: what is in its queues has
    # been written by then.
    Finalize(None, _end_at_once_if_stuck, args=(crew,), exitpriority=-100)
    return crew


def _end_at_once_if_stuck(crew: Crew) -> None:
    """A process waits for its threads when it ends, and django-q2 for its workers: one
    thread that never comes back would cost a worker."""
    if crew.n_stuck and parent_process() is not None:
        os._exit(0)
