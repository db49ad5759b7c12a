"""Looking at processes from outside, by /proc: who lives in a session, whose child is who."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.core.cache.backends.filebased import FileBasedCache
from django_q.conf import Conf
from django_q.signing import SignedPackage
from django_q.status import Stat

from runs.processes import is_running
from tests.installation import Installation, wait_until


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    session: int
    state: str

    @classmethod
    def read(cls, pid: int) -> Process | None:
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        state, parent, _group, session = text.rpartition(")")[2].split()[:4]
        return cls(pid, int(parent), int(session), state)


def living() -> list[Process]:
    """Every process that is not a zombie."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    found = [Process.read(pid) for pid in pids]
    return [process for process in found if process and process.state != "Z"]


def in_session(session: int) -> set[int]:
    return {process.pid for process in living() if process.session == session}


def started_by(installation: Installation) -> set[int]:
    """Every process that has this installation's folder in its environment."""
    mark = f"CLUSTER_DIR={installation.environment['CLUSTER_DIR']}".encode()
    found = set()
    for process in living():
        with suppress(OSError):  # it has ended meanwhile
            if mark in Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0"):
                found.add(process.pid)
    return found


def kept(installation: Installation) -> dict[str, int]:
    """What the keeper has noted and what runs still: command -> pid of its session's
    leader."""
    path = installation.folder / "cluster" / "running.json"
    try:
        noted = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return {name: child["pid"] for name, child in noted.items() if is_running(child)}


def children(pid: int) -> set[int]:
    return {process.pid for process in living() if process.parent == pid}


def sentinel(main: int) -> int:
    """The only child of a qcluster's main process."""
    [child] = children(main)
    return child


def workers(main: int) -> set[int]:
    """The sentinel's children: workers, pusher and monitor."""
    return children(sentinel(main))


def busy(installation: Installation) -> set[int]:
    """Workers that are at a task now, by the signs that they leave for their keeper."""
    signs = (installation.folder / "cluster" / "signs").glob("busy-*")
    return {int(sign.name.split("-")[1]) for sign in signs}


@dataclass(frozen=True)
class Members:
    """The processes of a cluster, as its sentinel tells them apart."""

    main: int
    sentinel: int
    pusher: int
    monitor: int
    workers: list[int]

    @property
    def pids(self) -> set[int]:
        return {self.main, self.sentinel, self.pusher, self.monitor, *self.workers}


def members(installation: Installation) -> Members:
    """Of the one cluster that runs; its queue is in the database."""
    told = FileBasedCache(str(installation.folder / "cluster" / "stat"), {})

    found: list[Members] = []

    def is_known() -> bool:
        packs = [told.get(key) for key in told.get(Conf.Q_STAT, [])]
        stats: list[Stat] = [SignedPackage.loads(pack) for pack in packs if pack]
        alive = {process.pid for process in living()}
        clusters = [Members(s.pid, s.sentinel, s.pusher, s.monitor, s.workers) for s in stats]
        # What a cluster told outlives it by seconds.
        found[:] = [cluster for cluster in clusters if cluster.pids <= alive]
        return len(found) == 1

    wait_until(is_known, 30, "no cluster says who belongs to it")
    return found[0]


def strike(installation: Installation, victim: str) -> int:
    """`kill -9` to one member of the cluster ("worker", "pusher", "monitor", "sentinel",
    "main") or to all of it ("cluster"), or SIGTERM to its whole process group ("group").

    Returns the pid of the main process of the cluster that was struck.
    """
    found = members(installation)
    if victim == "group":
        os.killpg(found.main, signal.SIGTERM)
    elif victim == "cluster":
        os.killpg(found.main, signal.SIGKILL)
    elif victim == "worker":
        os.kill(found.workers[0], signal.SIGKILL)
    else:
        os.kill(getattr(found, victim), signal.SIGKILL)
    return found.main
