"""Signs of work done, as files: a kept cluster makes them, its keeper judges it by them.

A heartbeat says that a process is there, not that it works: the sentinel of a cluster that
hangs has a perfect pulse. So the pusher sends a probe through the cluster every `PROBE_S`
seconds, the way of every task, and each station leaves its sign:

    began        when the cluster was started
    sent         touched by the pusher with each probe
    waiting      since when something has been waiting for a worker; gone when one takes it
    unconfirmed  since when a probe has not reached the monitor; gone when one does
    clock        touched by the clock with each round
    idle-PID-TICKS or busy-PID-TICKS, for each worker: since when it has been so

A sign that cannot be written costs nobody's work; its absence makes the keeper suspicious.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from runs.processes import is_running, start_time

logger = logging.getLogger(__name__)

# The folder, for the processes of a kept cluster.
VARIABLE = "TESTHUB_SIGNS_DIR"
# In a keeper's folder, as RUNNING is.
SIGNS = "signs"
IDLE, BUSY = "idle", "busy"
CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Seen:
    """How long each has lasted, in seconds; None where there is no such sign."""

    sent_s: float | None = None
    waiting_s: float | None = None
    unconfirmed_s: float | None = None
    idle_s: tuple[float, ...] = ()
    busy_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs in one folder. None of its writers raises."""

    folder: Path

    def prepare(self) -> None:
        """For the clock: its first round begins."""
        with _tolerated():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._path(CLOCK).touch()

    def begin(self) -> None:
        """Forget the last cluster, right before the next one starts."""
        with _tolerated():
            self.folder.mkdir(parents=True, exist_ok=True)
            for path in self.folder.iterdir():
                if path.name != CLOCK:
                    path.unlink()
            self._path("began").touch()
            self._path("sent").touch()

    def sent(self) -> None:
        with _tolerated():
            self._path("sent").touch()

    def handed_out(self) -> None:
        """Something is on its way to a worker."""
        self._since("waiting")

    def taken(self) -> None:
        with _tolerated():
            self._path("waiting").unlink(missing_ok=True)

    def answered(self) -> None:
        """A worker has had a probe; its result is on its way to the monitor."""
        self._since("unconfirmed")

    def confirmed(self) -> None:
        with _tolerated():
            self._path("unconfirmed").unlink(missing_ok=True)

    def worker(self, state: str) -> None:
        """This process is a worker, and idle or busy from now on."""
        pid = os.getpid()
        own = f"{pid}-{start_time(pid)}"
        other = BUSY if state == IDLE else IDLE
        with _tolerated():
            # Empty files: what is in a file that is written anew, ext4 puts on its disk.
            self._path(f"{other}-{own}").unlink(missing_ok=True)
            self._path(f"{state}-{own}").touch()

    def came_round(self) -> float | None:
        """The clock has; returns for which cluster, by its time of birth."""
        with _tolerated():
            self._path(CLOCK).touch()
            return self._path("began").stat().st_mtime
        return None

    def age(self, name: str) -> float | None:
        """For how many seconds a sign has been as it is; None without it."""
        try:
            return time.time() - self._path(name).stat().st_mtime
        except OSError:
            return None

    def read(self) -> Seen:
        ages: dict[str, list[float]] = {IDLE: [], BUSY: []}
        for path in self._workers():
            age = self.age(path.name)
            if age is not None:
                ages[path.name.partition("-")[0]].append(age)
        return Seen(
            sent_s=self.age("sent"),
            waiting_s=self.age("waiting"),
            unconfirmed_s=self.age("unconfirmed"),
            idle_s=tuple(ages[IDLE]),
            busy_s=tuple(ages[BUSY]),
        )

    def forget_the_dead(self) -> None:
        """For the keeper: a worker that is gone takes its sign with it."""
        for path in self._workers():
            _state, pid, ticks = path.name.split("-")
            if not is_running({"pid": int(pid), "start_time": ticks}):
                with _tolerated():
                    path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / name

    def _workers(self) -> list[Path]:
        return [path for state in (IDLE, BUSY) for path in self.folder.glob(f"{state}-*")]

    def _since(self, name: str) -> None:
        """Keeps the time stamp of the first."""
        path = self._path(name)
        with _tolerated():
            if not path.exists():
                path.touch()


def of_this_process() -> Signs | None:
    """None in a process that no keeper has started, directly or not."""
    name = os.environ.get(VARIABLE, "")
    return Signs(Path(name)) if name else None


@contextmanager
def _tolerated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        logger.warning("A sign for the keeper could not be written: %s", error)
