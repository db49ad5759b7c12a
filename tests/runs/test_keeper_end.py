"""How `run_workers` ends: in good order, or killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from tests.installation import Installation, wait_until
from tests.runs.processes import in_session, kept, started_by, strike

pytestmark = pytest.mark.cluster

SETTINGS = {"WORKERS": 1, "CASE_TIMEOUT_S": 5}


Start = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def start(installation: Installation) -> Iterator[Start]:
    """Starts a keeper and waits until its cluster is complete: main, sentinel, worker,
    monitor, pusher. None outlives the test."""
    keepers: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = ("manage.py", "run_workers", "--workers", "1")
        keepers.append(installation.start(*command, start_new_session=True))
        wait_until(is_complete, 60)
        return keepers[-1]

    def is_complete() -> bool:
        # Asked once: a cluster that could not start yet may be between two starts.
        running = kept(installation)
        return len(running) == 2 and len(in_session(running["qcluster"])) >= 5

    yield start
    for keeper in keepers:
        keeper.terminate()
        keeper.wait(60)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_all_that_it_started(
    installation: Installation, start: Start, how: signal.Signals
) -> None:
    keeper = start()
    began = time.monotonic()
    keeper.send_signal(how)
    assert keeper.wait(30) == 0
    assert time.monotonic() - began < 3 * 5 + 2
    assert started_by(installation) == set()
    assert not (installation.folder / "cluster" / "running.json").exists()
    assert not (installation.folder / "cluster" / "drain").exists()


def test_a_cluster_that_hangs_does_not_hold_up_the_end(
    installation: Installation, start: Start
) -> None:
    keeper = start()
    struck = strike(installation, "group")
    began = time.monotonic()
    keeper.terminate()
    assert keeper.wait(60) == 0
    assert time.monotonic() - began < 3 * 5 + 2
    assert not in_session(struck)


def test_what_a_killed_keeper_leaves_ends_by_itself(
    installation: Installation, start: Start
) -> None:
    keeper = start()
    keeper.kill()
    keeper.wait()
    wait_until(lambda: not started_by(installation), 30, "the children noticed")


def test_what_a_killed_keeper_leaves_is_ended_by_the_next(
    installation: Installation, start: Start
) -> None:
    first = start()
    left = started_by(installation) - {first.pid}
    # A stopped process cannot end by itself: the next keeper has to.
    for name in ("qcluster", "run_clock"):
        os.kill(kept(installation)[name], signal.SIGSTOP)
    first.kill()
    first.wait()
    # A child that was born as the keeper died is on no list.
    (installation.folder / "cluster" / "running.json").unlink()
    start()
    wait_until(lambda: not left & started_by(installation), 10)


def test_a_pid_that_is_somebody_elses_by_now_is_left_alone(
    installation: Installation, start: Start
) -> None:
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    folder = installation.folder / "cluster"
    folder.mkdir(exist_ok=True)
    (folder / "running.json").write_text(
        f'{{"qcluster": {{"pid": {stranger.pid}, "start_time": "1"}}}}', encoding="utf-8"
    )
    start()
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()
