"""`run_workers` keeps a cluster running and leaves nothing behind, however it ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation, wait_until
from tests.runs.processes import children, in_session, kept, sentinel, started_by

pytestmark = pytest.mark.cluster

SETTINGS = {"WORKERS": 1, "CASE_TIMEOUT_S": 5}


@pytest.fixture(scope="module")
def running(installation: Installation) -> Iterator[Installation]:
    with installation.workers(1):
        yield installation


@pytest.mark.parametrize("victim", ["main", "sentinel", "clock"])
def test_what_is_killed_is_started_again_and_leaves_no_orphan(
    running: Installation, victim: str
) -> None:
    wait_until(lambda: set(kept(running)) == {"qcluster", "run_clock"}, 30)
    before = kept(running)
    name = "run_clock" if victim == "clock" else "qcluster"
    if victim == "sentinel":  # the cluster before it was killed a moment ago
        wait_until(lambda: children(before[name]), 30, "no sentinel")
    old = in_session(before[name])
    pid = sentinel(before[name]) if victim == "sentinel" else before[name]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: kept(running).get(name) not in (None, before[name]), 30)
    wait_until(lambda: not in_session(before[name]), 10, f"orphans of {old}")
    wait_until(running.cluster_is_alive, 30)
    after = kept(running)
    assert after.keys() == before.keys()
    other = ({"qcluster", "run_clock"} - {name}).pop()
    assert after[other] == before[other], "what was well was left alone"


def test_a_second_keeper_is_refused_with_one_sentence(running: Installation) -> None:
    said = running.manage("run_workers", expect=3)
    lock = f"{running.environment['CLUSTER_DIR']}/lock"
    assert said == f"CommandError: Workers are running already: {lock} is locked.\n"


def test_it_holds_no_database_connection_and_one_thread(running: Installation) -> None:
    [keeper] = [
        pid
        for pid in started_by(running)
        if b"run_workers" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    assert len(os.listdir(f"/proc/{keeper}/task")) == 1
    links = {os.readlink(f"/proc/{keeper}/fd/{fd}") for fd in os.listdir(f"/proc/{keeper}/fd")}
    assert not [link for link in links if "sqlite3" in link or link.startswith("socket:")]


def test_no_worker_is_asked_for(installation: Installation) -> None:
    said = installation.manage("run_workers", "--workers", "0", expect=2)
    assert said == "CommandError: --workers 0: use 1 or more.\n"
