"""Child processes that are kept running, each in a session of its own."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)

MANAGE = settings.BASE_DIR / "manage.py"
# A child that lived this long was healthy: the next restart comes at once.
HEALTHY_S = 30.0
PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
PR_SET_PDEATHSIG = 1
# In a keeper's folder: `{name: {"pid", "start_time"}, ...}` of its children.
RUNNING = "running.json"
CLUSTER = "qcluster"
ZOMBIE = "Z"


@dataclass(slots=True)
class Child:
    """One command that is kept running, in a session of its own."""

    name: str
    environment: Mapping[str, str]
    # Called right before each start.
    prepare: Callable[[], object]
    # Given the pid: why it does not work although it runs; empty when it is well.
    why_hung: Callable[[int], str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    n_failures: int = 0
    start_at: float = 0.0

    def start(self) -> None:
        """A session of its own: a signal to the keeper's group never reaches it."""
        self.prepare()
        self.process = subprocess.Popen(
            [sys.executable, str(MANAGE), self.name],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,  # safe: the keeper has one thread
        )
        self.started_at = time.monotonic()

    @property
    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    @property
    def hangs(self) -> str:
        """Why it has to be ended; empty when it is well, or not there."""
        if self.process is None or self.has_ended:
            return ""
        return self.why_hung(self.process.pid)

    def terminate(self) -> None:
        """Ask the main process, and it alone, to end."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.terminate()

    def end(self) -> None:
        """Now, with all that it has started."""
        if self.process is not None:
            kill_session(self.process.pid)
            self.process.wait()

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


def kill_session(pid: int) -> None:
    """SIGKILL to every process of the session that this one leads."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def carrying(name: str, value: str) -> set[int]:
    """Processes that were started with this variable in their environment, or whose
    ancestors were."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # another user's, or it has ended meanwhile
            if f"{name}={value}".encode() in path.read_bytes().split(b"\0"):
                found.add(int(path.parent.name))
    return found


def start_time(pid: int) -> str | None:
    """When a process started, in the kernel's ticks; None if there is none."""
    fields = _stat(pid)
    return fields[19] if fields else None


def _stat(pid: int) -> list[str]:
    """Fields 3 and following of proc(5)'s `stat`; none if there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    # The name, in brackets, may hold anything: count from behind it.
    return text.rpartition(")")[2].split()


def below(pid: int) -> dict[int, str]:
    """A process's children and theirs, each with its state, a letter of proc(5)."""
    children = _children(pid)
    pids = children + [each for child in children for each in _children(child)]
    return {each: fields[0] for each in pids if (fields := _stat(each))}


def _children(pid: int) -> list[int]:
    """Those of the main thread; django-q2 forks in no other."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]


def is_running(noted: Mapping[str, Any]) -> bool:
    """Whether a process that was noted by pid and start time is that process still."""
    return start_time(noted["pid"]) == noted["start_time"] is not None


def end_with_parent() -> None:
    """In the child: SIGTERM when the keeper dies, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
