"""A child that ends is started again: at once, or later and later."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs import processes
from runs.processes import HEALTHY_S, Child
from tests.clock import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, processes)


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Child:
    """A command that fails as soon as it is started."""
    program = tmp_path / "manage.py"
    program.write_text("raise SystemExit(1)")
    monkeypatch.setattr(processes, "MANAGE", program)
    return Child("fails", {}, lambda: None, lambda _pid: "it hangs")


def pause(child: Child, clock: Clock) -> float:
    """Lets it end; for how long it is not started again."""
    assert child.process is not None
    assert child.process.wait() == 1
    began = clock.now
    while not child.keep():
        clock.now += 0.25
    return clock.now - began


def test_one_that_fails_again_and_again_is_started_later_and_later(
    child: Child, clock: Clock
) -> None:
    assert child.keep()
    pauses = [pause(child, clock) for _n in range(8)]
    assert pauses == [0.5, 1, 2, 5, 10, 30, 30, 30]
    assert child.process is not None
    child.process.wait()


def test_one_that_was_well_for_a_while_is_started_at_once(child: Child, clock: Clock) -> None:
    child.keep()
    assert pause(child, clock) > 0
    clock.now += HEALTHY_S + 1
    assert pause(child, clock) == 0
    assert pause(child, clock) == 0.5, "the first of its failures again"
    assert child.process is not None
    child.process.wait()


def test_one_that_has_ended_does_not_hang(child: Child) -> None:
    assert child.hangs == ""
    child.start()
    assert child.process is not None
    child.process.wait()
    assert child.has_ended
    assert child.hangs == ""
