"""What the keeper takes for a cluster that hangs, and what it must leave alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from runs import hang
from runs.hang import Detector, why_hung
from runs.signs import BUSY, CLOCK, IDLE, Seen, Signs

SLEEP = "time.sleep(60)"
FORK = f"import os, time; pid = os.fork() or {SLEEP}"
KILL = "os.kill(pid, 9)"
TIMEOUT_S = float(settings.Q_CLUSTER["timeout"])


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (Seen(sent_s=1, idle_s=(100,)), ""),
        (Seen(sent_s=6, waiting_s=6, idle_s=(6, 0.1)), "beside an idle worker"),
        (Seen(sent_s=6, waiting_s=4, idle_s=(6,)), ""),
        (Seen(sent_s=6, waiting_s=100, idle_s=(0.1,), busy_s=(90,)), ""),
        (Seen(sent_s=140, waiting_s=140, busy_s=(TIMEOUT_S + 10,)), ""),
        (Seen(sent_s=1, busy_s=(1, 2 * TIMEOUT_S + 1)), "has been running"),
        (Seen(sent_s=1, unconfirmed_s=settings.LEASE_S + 1, idle_s=(1,)), "no result"),
        (Seen(sent_s=1, unconfirmed_s=settings.LEASE_S - 1, idle_s=(1,)), ""),
        (Seen(sent_s=89, idle_s=(100,)), ""),
        (Seen(sent_s=91, idle_s=(100,)), "nothing has been taken"),
        (Seen(sent_s=91), "nothing has been taken"),
        (Seen(sent_s=91, idle_s=(3,), busy_s=(80,)), ""),
        (Seen(), ""),
    ],
    ids=[
        "idle, and probes come through",
        "a probe waits beside an idle worker",
        "it has not waited for long",
        "it waited for a long chunk that has just ended",
        "all are busy with long chunks",
        "busy beyond all that django-q2 allows",
        "results are not collected",
        "the monitor waits for its database",
        "the pusher waits for its database",
        "the pusher is silent beside an idle worker",
        "no worker ever came up",
        "one has just become idle",
        "no signs at all",
    ],
)
def test_signs(seen: Seen, why: str) -> None:
    said = why_hung(seen)
    assert why in said
    assert bool(said) == bool(why)


@pytest.fixture
def signs(tmp_path: Path) -> Signs:
    signs = Signs(tmp_path / "signs")
    signs.begin()
    return signs


@pytest.fixture
def detector(signs: Signs) -> Detector:
    """One that has been looking for long enough to judge."""
    detector = Detector(signs)
    detector._present_since -= 100
    return detector


def age(signs: Signs, name: str, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(signs.folder / name, (then, then))


def make_hung(signs: Signs) -> None:
    signs.handed_out()
    signs.worker(IDLE)
    for path in signs.folder.iterdir():
        age(signs, path.name, 60)


def test_what_waits_beside_an_idle_worker_is_found(signs: Signs, detector: Detector) -> None:
    make_hung(signs)
    assert detector.cluster(os.getpid()) == (
        "a task has been waiting for 60 s beside an idle worker"
    )


def test_a_worker_that_is_gone_is_not_an_idle_one(signs: Signs, detector: Detector) -> None:
    make_hung(signs)
    [own] = signs.folder.glob("idle-*")
    own.rename(signs.folder / f"idle-{os.getpid()}-1")  # somebody else had the number then
    assert detector.cluster(os.getpid()) == ""


def test_who_was_away_judges_nobody_by_that_time(
    signs: Signs, detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_hung(signs)
    now = time.time()
    monkeypatch.setattr(hang.time, "time", lambda: now + 60)  # the machine slept
    assert detector.cluster(os.getpid()) == ""
    monkeypatch.setattr(hang.time, "time", lambda: now + 62)
    assert detector.cluster(os.getpid()) == ""
    for seconds in (64, 66):
        monkeypatch.setattr(hang.time, "time", lambda: now + seconds)
        said = detector.cluster(os.getpid())
    assert said, "after a while it judges again"


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (f"{KILL}; os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)", "and not replaced"),
        (f"{KILL}; os.wait()", "all of its processes are gone"),
        ("pass", ""),
    ],
    ids=["killed and not buried", "killed and buried", "alive"],
)
def test_a_main_process_that_outlives_the_others_hangs(
    signs: Signs, monkeypatch: pytest.MonkeyPatch, happens: str, why: str
) -> None:
    code = f"{FORK}; print(flush=True); input(); {happens}; print(flush=True); {SLEEP}"
    main = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert main.stdin and main.stdout
    try:
        detector = Detector(signs)
        assert detector.cluster(main.pid) == "", "it has just been started"
        main.stdout.readline()
        assert detector.cluster(main.pid) == ""
        main.stdin.write(b"\n")
        main.stdin.flush()
        main.stdout.readline()
        now = time.time()
        said = []
        for seconds in (0, 2, 4, 6):
            monkeypatch.setattr(hang.time, "time", lambda: now + seconds)
            said.append(detector.cluster(main.pid))
        assert said[:-1] == [""] * 3
        assert said[-1].endswith(f"{why}, for 6 s" if why else "")
        assert bool(said[-1]) == bool(why)
    finally:
        os.killpg(main.pid, signal.SIGKILL)
        main.wait()
        main.stdin.close()
        main.stdout.close()


def test_who_has_no_processes_is_starting_until_it_was_told_to_end(
    signs: Signs, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = subprocess.Popen(["sleep", "60"])
    try:
        detector, now, said = Detector(signs), time.time(), []
        for seconds in range(0, 20, 2):
            if seconds == 10:
                detector.told_to_end()
            monkeypatch.setattr(hang.time, "time", lambda: now + seconds)
            said.append(detector.cluster(main.pid))
        assert said[:8] == [""] * 8
        assert said[8:] == [f"all of its processes are gone, for {s} s" for s in (6, 8)]
    finally:
        main.kill()
        main.wait()


def test_a_clock_that_stands_still_is_found(signs: Signs, detector: Detector) -> None:
    assert detector.clock(1) == ""
    signs.prepare()
    assert detector.clock(1) == ""
    age(signs, CLOCK, 301)
    assert detector.clock(1) == "it has not come round for 301 s"


def test_signs_tell_since_when(signs: Signs) -> None:
    signs.handed_out()
    signs.answered()
    signs.worker(BUSY)
    for path in signs.folder.iterdir():
        age(signs, path.name, 50)
    signs.handed_out()
    signs.answered()
    signs.sent()
    seen = signs.read()
    assert seen.waiting_s is not None
    assert seen.unconfirmed_s is not None
    assert seen.sent_s is not None
    assert min(seen.waiting_s, seen.unconfirmed_s, *seen.busy_s) >= 50, "since the first"
    assert seen.sent_s < 50, "since the last"
    signs.taken()
    signs.confirmed()
    signs.worker(IDLE)
    seen = signs.read()
    assert seen.waiting_s is seen.unconfirmed_s is None
    assert len(seen.idle_s) == 1
    assert seen.busy_s == ()


def test_the_next_cluster_starts_with_a_clean_folder(signs: Signs) -> None:
    signs.prepare()
    first = signs.came_round()
    make_hung(signs)
    signs.begin()
    assert {path.name for path in signs.folder.iterdir()} == {"began", "sent", CLOCK}
    assert signs.came_round() != first, "the clock knows it for another cluster"


def test_a_sign_that_cannot_be_written_costs_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    signs = Signs(tmp_path / "file" / "signs")
    signs.begin()
    signs.handed_out()
    signs.worker(IDLE)
    signs.taken()
    assert signs.came_round() is None
    assert signs.read() == Seen()
    assert "could not be written" in caplog.text
