"""The keeper behind `run_workers`: it starts qcluster, keeps it running, and stops it whole.

It queues nothing and opens no database connection. docs/explanation/execution.md says what
each measure is for; in short, django-q2 does not survive a SIGTERM to its process group,
nor the death of its sentinel, and leaves orphans.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.status import Stat

from runs.execution import drain

logger = logging.getLogger(__name__)

MANAGE = settings.BASE_DIR / "manage.py"
TICK_S = 0.2
# A child that lived this long was healthy: the next restart comes at once.
HEALTHY_S = 30.0
PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
PR_SET_PDEATHSIG = 1


class AlreadyRunning(Exception):
    """Another keeper holds the lock of this folder."""


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    alive: bool
    n_workers: int
    message: str  # one sentence for a page or a terminal


def cluster_status() -> ClusterStatus:
    """What the clusters that share our broker or our machine say of themselves."""
    # Asked twice: `get_all` skips a live entry that follows a stale one.
    stats = Stat.get_all() or Stat.get_all()
    n_workers = sum(len(stat.workers) for stat in stats if stat.status in ("Idle", "Working"))
    if not n_workers:
        return ClusterStatus(
            False,
            0,
            _("No worker is alive: start them with “python manage.py run_workers”."),
        )
    message = ngettext("%d worker is alive.", "%d workers are alive.", n_workers)
    return ClusterStatus(True, n_workers, message % n_workers)


@dataclass(slots=True)
class Child:
    """One command that is kept running, in a session of its own."""

    name: str
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    n_failures: int = 0
    start_at: float = 0.0

    def start(self) -> None:
        """A session of its own: a signal to the keeper's group never reaches it."""
        self.process = subprocess.Popen(
            [sys.executable, str(MANAGE), self.name],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # safe: the keeper has one thread
        )
        self.started_at = time.monotonic()

    def keep(self) -> bool:
        """Start it if it is not running and its time has come. True if it was started."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return False
            kill_session(self.process.pid)
            lived_s = time.monotonic() - self.started_at
            self.n_failures = 0 if lived_s > HEALTHY_S else self.n_failures + 1
            pause = PAUSES_S[min(self.n_failures, len(PAUSES_S)) - 1] if self.n_failures else 0
            logger.warning("%s ended with %s; again in %s s.", self.name, code, pause)
            self.process, self.start_at = None, time.monotonic() + pause
        if time.monotonic() < self.start_at:
            return False
        self.start()
        return True


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
                    # In a list: all() would stop at the first that was not started.
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
        return self.folder / "running.json"

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


def kill_session(pid: int) -> None:
    """SIGKILL to every process of the session that this one leads."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def start_time(pid: int) -> str | None:
    """When a process started, in the kernel's ticks; None if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name, in brackets, may hold anything: count from behind it. Field 22 of proc(5).
    return stat.rpartition(")")[2].split()[19]


def _wait_until(done: Callable[[], bool], ends_at: float) -> None:
    while not done() and time.monotonic() < ends_at:
        time.sleep(TICK_S)


def _end_with_parent() -> None:
    """In the child: SIGTERM when the keeper dies, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def own_workers(n_workers: int) -> Iterator[None]:
    """Workers for the time of a block, beside whatever else runs on this machine."""
    folder = settings.CLUSTER_DIR / f"own-{os.getpid()}"
    keeper = subprocess.Popen(
        [sys.executable, str(MANAGE), "run_workers"]
        + ["--workers", str(n_workers), "--folder", str(folder)],
        stdin=subprocess.DEVNULL,
        preexec_fn=_end_with_parent,
        start_new_session=True,
    )
    try:
        yield
    finally:
        keeper.terminate()
        keeper.wait()
        shutil.rmtree(folder, ignore_errors=True)
