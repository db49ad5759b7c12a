"""Whether somebody is there to do the work, in one sentence."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from socket import gethostname
from typing import Any

import pytest

from runs import workers
from runs.execution.chunk import claim
from runs.execution.dispatch import dispatch
from runs.processes import CLUSTER, RUNNING, start_time
from runs.signs import IDLE, SIGNS, Signs
from tests.factories import make_case, make_run

pytestmark = pytest.mark.django_db


class Stat:
    status = "Idle"
    workers = (1, 2)
    pid = 0
    host = gethostname()


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(workers.Stat, "get_all", list)
    settings.CLUSTER_DIR = tmp_path


def test_without_a_cluster_it_says_how_to_start_one() -> None:
    status = workers.cluster_status()
    assert not status.alive
    assert "python manage.py run_workers" in status.message


def test_workers_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers.Stat, "get_all", lambda: [Stat(), Stat()])
    status = workers.cluster_status()
    assert (status.alive, status.n_workers) == (True, 4)
    assert status.message == "4 workers are alive."


def test_the_first_answer_may_leave_out_a_live_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[list[Any]] = [[], [Stat()]]
    monkeypatch.setattr(workers.Stat, "get_all", lambda: answers.pop(0))
    assert workers.cluster_status().alive


@pytest.mark.parametrize(
    ("older_s", "ticks", "alive"),
    [(11, 0, True), (9, 0, False), (11, 1, False)],
    ids=["running for a while", "just started", "somebody else's number by now"],
)
def test_a_sign_of_life_may_be_late_while_the_processes_run(
    tmp_path: Path, older_s: int, ticks: int, alive: bool
) -> None:
    own_start = start_time(os.getpid())
    assert own_start is not None
    note = tmp_path / "own-1" / RUNNING
    note.parent.mkdir()
    child = {"pid": os.getpid(), "start_time": str(int(own_start) + ticks)}
    note.write_text(json.dumps({CLUSTER: child}))
    written_at = time.time() - older_s
    os.utime(note, (written_at, written_at))
    assert workers.cluster_status().alive is alive


@pytest.fixture
def hung(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """A cluster of this machine whose sentinel says that all is well; its main pid."""
    child = {"pid": os.getpid(), "start_time": start_time(os.getpid())}
    (tmp_path / RUNNING).write_text(json.dumps({CLUSTER: child}))
    signs = Signs(tmp_path / SIGNS)
    signs.begin()
    signs.handed_out()
    signs.worker(IDLE)
    a_minute_ago = time.time() - 60
    for path in (tmp_path / RUNNING, *signs.folder.iterdir()):
        os.utime(path, (a_minute_ago, a_minute_ago))
    stat = Stat()
    stat.pid = os.getpid()
    monkeypatch.setattr(workers.Stat, "get_all", lambda: [stat])
    return stat.pid


@pytest.mark.usefixtures("hung")
def test_a_cluster_that_hangs_is_not_alive_whatever_it_says() -> None:
    status = workers.cluster_status()
    assert (status.alive, status.n_workers) == (False, 0)
    assert status.message == "Workers hang: “run_workers” is about to start them again."


def test_a_cluster_that_hangs_does_not_hide_one_that_works(
    hung: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Stat()
    elsewhere.pid, elsewhere.host = hung, "elsewhere"
    here = workers.Stat.get_all()
    monkeypatch.setattr(workers.Stat, "get_all", lambda: [*here, elsewhere])
    status = workers.cluster_status()
    assert (status.alive, status.n_workers) == (True, 2)


@pytest.mark.usefixtures("hung")
def test_workers_of_a_hung_cluster_that_end_their_cases_are_at_work(settings: Any) -> None:
    run = make_run(make_case())
    [chunk_id] = dispatch(run.pk)
    assert claim(chunk_id, settings.LEASE_S)
    assert workers.cluster_status().alive


def test_a_note_that_is_only_half_there_is_no_sign_of_life(tmp_path: Path) -> None:
    (tmp_path / RUNNING).write_text('{"qcluster": {"pid":')
    assert not workers.cluster_status().alive


def test_a_worker_of_another_machine_is_seen_by_its_lease(settings: Any) -> None:
    run = make_run(make_case())
    [chunk_id] = dispatch(run.pk)
    assert claim(chunk_id, settings.LEASE_S - workers.RENEWED_S - 1), "renewed long ago"
    assert not workers.cluster_status().alive
    run.chunks.update(status="queued")
    assert claim(chunk_id, settings.LEASE_S)
    assert workers.cluster_status().alive


def test_a_queue_that_does_not_answer_is_said_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> None:
        raise ConnectionError("refused")

    monkeypatch.setattr(workers.Stat, "get_all", away)
    status = workers.cluster_status()
    assert (status.alive, status.message) == (False, "The queue does not answer.")
    assert "refused" in caplog.text
