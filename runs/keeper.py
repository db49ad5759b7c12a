"""The keeper behind `run_workers`: it starts qcluster, keeps it running, and stops it whole.

It queues nothing and opens no database connection. docs/explanation/execution.md says what
each measure is for; in short, django-q2 does not survive a SIGTERM to its process group,
nor the death of its sentinel, and leaves orphans.
"""

from __future__ import annotations

import fcntl
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from runs.execution import drain
from runs.processes import RUNNING, Child, kill_session, start_time

logger = logging.getLogger(__name__)

TICK_S = 0.2


class AlreadyRunning(Exception):
    """Another keeper holds the lock of this folder."""


@dataclass(slots=True)
class Keeper:
    """Keeps one cluster and its clock. `folder` holds the lock and what is running."""

    folder: Path
    n_workers: int
    children: list[Child] = field(init=False)
    _stopping: bool = False

    def __post_init__(self) -> None:
        environment = {
            "WORKERS": str(self.n_workers),
            # The clock does the scheduling: a sentinel that waits for a database lock
            # cannot guard its workers.
            "Q_SCHEDULER": "0",
            drain.VARIABLE: str(self._drain_file),
        }
        self.children = [
            Child("qcluster", environment),
            Child("run_clock", environment),
        ]

    def stop(self, *_signal: object) -> None:
        """Ask `run()` to end; safe in a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Until `stop()`. Raises `AlreadyRunning`."""
        with self._lock():
            self._end_leftovers()
            self._drain_file.unlink(missing_ok=True)
            try:
                while not self._stopping:
                    # In a list: any() would stop at the first that was started.
                    if any([child.keep() for child in self.children]):
                        self._note_running()
                    time.sleep(TICK_S)
            finally:
                self._end_children()

    @property
    def _drain_file(self) -> Path:
        return self.folder / "drain"

    @property
    def _state_file(self) -> Path:
        return self.folder / RUNNING

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunning(
                    _("Workers are running already: %s is locked.") % file.name
                ) from None
            yield

    def _note_running(self) -> None:
        """By pid and start time: a pid alone may be somebody else's by tomorrow."""
        running = [
            {"pid": child.process.pid, "start_time": start_time(child.process.pid)}
            for child in self.children
            if child.process is not None
        ]
        draft = self._state_file.with_suffix(".new")
        draft.write_text(json.dumps(running))
        draft.replace(self._state_file)

    def _end_leftovers(self) -> None:
        """What an earlier keeper left behind when it was killed."""
        with suppress(FileNotFoundError, ValueError):
            for left in json.loads(self._state_file.read_text()):
                # A dead leader's group may live on, and no new process gets its number
                # while it does.
                if start_time(left["pid"]) in (None, left["start_time"]):
                    logger.warning("Ending what an earlier keeper left: %s.", left["pid"])
                    kill_session(left["pid"])
        self._state_file.unlink(missing_ok=True)

    def _end_children(self) -> None:
        """SIGTERM to main processes only, then no new cases, then SIGKILL to the rest."""
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            with suppress(ProcessLookupError):
                process.terminate()
        self._drain_file.touch()
        ends_at = time.monotonic() + settings.CASE_TIMEOUT_S + 15
        _wait_until(lambda: all(p.poll() is not None for p in running), ends_at)
        for process in running:
            kill_session(process.pid)
            process.wait()
        self._drain_file.unlink(missing_ok=True)
        self._state_file.unlink(missing_ok=True)


def _wait_until(done: Callable[[], bool], ends_at: float) -> None:
    while not done() and time.monotonic() < ends_at:
        time.sleep(TICK_S)
