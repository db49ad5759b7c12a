"""Looking at processes from outside, by /proc: who lives in a session, whose child is who."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.installation import Installation


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
    """What the keeper has noted as running: command -> pid of its session's leader."""
    path = installation.folder / "cluster" / "running.json"
    try:
        noted = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return {_command(entry["pid"]): entry["pid"] for entry in noted}


def children(pid: int) -> set[int]:
    return {process.pid for process in living() if process.parent == pid}


def sentinel(main: int) -> int:
    """The only child of a qcluster's main process."""
    [child] = children(main)
    return child


def workers(main: int) -> set[int]:
    """The sentinel's children: workers, pusher and monitor."""
    return children(sentinel(main))


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return f"gone {pid}"
    return words[2] if len(words) > 2 else ""
