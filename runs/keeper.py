"""The keeper behind `run_workers`: it starts qcluster, keeps it running, and stops it whole.

It queues nothing and opens no database connection. docs/explanation/execution.md says what
each measure is for; in short, django-q2 does not survive a SIGTERM to its process group,
nor the death of its sentinel, and leaves orphans.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from runs import signs
from runs.execution import drain
from runs.hang import Detector
from runs.processes import CLUSTER, RUNNING, Child, carrying, kill, start_time
from runs.signs import SIGNS, Signs

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
    _signs: Signs = field(init=False)
    _detector: Detector = field(init=False)
    _stopping: bool = False

    def __post_init__(self) -> None:
        self.folder = self.folder.absolute()
        self._signs = Signs(self.folder / SIGNS)
        environment = {
            "WORKERS": str(self.n_workers),
            # The clock does the scheduling: a sentinel that waits for a database lock
            # cannot guard its workers.
            "Q_SCHEDULER": "0",
            drain.VARIABLE: str(self._drain_file),
            signs.VARIABLE: str(self._signs.folder),
        }
        self._detector = Detector(self._signs)
        self.children = [
            Child(CLUSTER, environment, self._signs.begin, self._detector.cluster),
            Child("run_clock", environment, self._signs.prepare, self._detector.clock),
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
                    self._end_what_hangs()
                    time.sleep(TICK_S)
            finally:
                self._end_children()

    @property
    def _cluster(self) -> Child:
        return self.children[0]

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
        running = {
            child.name: {"pid": child.process.pid, "start_time": start_time(child.process.pid)}
            for child in self.children
            if child.process is not None
        }
        draft = self._state_file.with_suffix(".new")
        draft.write_text(json.dumps(running))
        draft.replace(self._state_file)

    def _end_leftovers(self) -> None:
        """What an earlier keeper of this folder left behind when it was killed.

        Known by the environment that it gave them: a number on a list may be somebody
        else's by now, and a child that was just born is on no list.
        """
        for _round in range(3):  # one may fork while another is killed
            for pid in carrying(signs.VARIABLE, str(self._signs.folder)) - {os.getpid()}:
                logger.warning("Ending what an earlier keeper left: %s.", pid)
                kill(pid)
        self._state_file.unlink(missing_ok=True)

    def _end_what_hangs(self) -> None:
        for child in self.children:
            if reason := child.hangs:
                logger.error("%s hangs: %s. It is started again.", child.name, reason)
                if child is self._cluster:
                    self._let_cases_end()
                child.end()

    def _end_children(self) -> None:
        """SIGTERM to main processes only, then no new cases, then SIGKILL to the rest."""
        self._detector.told_to_end()
        for child in self.children:
            child.terminate()
        self._let_cases_end()
        for child in self.children:
            child.end()
        self._state_file.unlink(missing_ok=True)

    def _let_cases_end(self) -> None:
        """Until the cluster has ended, or hangs and none of its workers is busy."""
        self._drain_file.touch()
        ends_at = time.monotonic() + settings.CASE_TIMEOUT_S + 15
        while time.monotonic() < ends_at and not self._cluster.has_ended:
            if self._cluster.hangs and not self._signs.read().busy_s:
                break
            time.sleep(TICK_S)
        self._drain_file.unlink(missing_ok=True)
