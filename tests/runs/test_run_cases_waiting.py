"""`run_cases`: while it waits, and when nobody comes."""

from __future__ import annotations

import pytest

from runs import tasks, terminal
from runs.choices import RunStatus
from runs.models import Run
from runs.workers import ClusterStatus
from tests.clock import Clock
from tests.runs.commanding import run_cases

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("sent", "tree")
def test_without_a_worker_it_says_so_within_ten_seconds_and_gives_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, said_at = Clock(monkeypatch, terminal), []

    def nobody() -> ClusterStatus:
        if "No worker is alive" in capsys.readouterr().out:
            said_at.append(clock.now)
        return ClusterStatus(False, 0, "No worker is alive.")

    monkeypatch.setattr(terminal, "cluster_status", nobody)
    assert run_cases("--all")[0] == 3
    assert said_at[0] < 10
    assert len(said_at) == 1, "said once"
    assert Run.objects.get().status == RunStatus.CANCELLED
    assert clock.now < 60


@pytest.mark.usefixtures("sent", "tree")
def test_ctrl_c_cancels_the_run_and_shows_what_there_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slept: list[float] = []

    def interrupted(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(terminal.time, "sleep", interrupted)
    monkeypatch.setattr(terminal, "cluster_status", lambda: ClusterStatus(True, 1, "."))
    assert run_cases("--all")[0] == 3
    assert Run.objects.get().status == RunStatus.CANCELLED
    assert "cancelled" in capsys.readouterr().out


@pytest.mark.usefixtures("sent", "tree")
def test_a_second_ctrl_c_leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(terminal.time, "sleep", interrupted)
    monkeypatch.setattr(terminal, "cluster_status", lambda: ClusterStatus(True, 1, "."))
    monkeypatch.setattr(tasks, "settle", lambda _run: None)
    assert run_cases("--all")[0] == 3
