"""How many threads are of use, by how late their launcher gets up and how busy it is."""

from __future__ import annotations

from typing import Any

import pytest

from runs.execution import hiring
from runs.execution.hiring import CROWDED_S, FEWEST, FIRST, LOOK_S, PUNCTUAL_S, Hiring

SIZE = 20


class Clocks:
    """In the place of `time`: of the wall and of the process."""

    def __init__(self) -> None:
        self.now = self.cpu = 0.0

    def monotonic(self) -> float:
        return self.now

    def process_time(self) -> float:
        return self.cpu

    def look(self, looked: Hiring, n_times: int, *, late_s: float, busy: float) -> int:
        for _ in range(n_times):
            self.now += LOOK_S
            self.cpu += LOOK_S * busy
            looked.look(late_s)
        return looked.n_useful


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr(hiring, "time", clocks)
    return clocks


@pytest.mark.parametrize(
    ("late_s", "busy", "n_useful"),
    [
        pytest.param(0.0, 0.1, SIZE, id="cases that wait for their targets want all"),
        pytest.param(CROWDED_S * 9, 0.1, SIZE, id="on a full machine too"),
        pytest.param(PUNCTUAL_S / 2, 0.9, SIZE, id="Python has room for one more each time"),
        pytest.param(CROWDED_S * 2, 0.9, FEWEST, id="threads that stand in each other's way"),
        pytest.param(CROWDED_S * 0.9, 0.9, FIRST, id="just enough of them"),
    ],
)
def test_how_many_are_of_use(clocks: Clocks, late_s: float, busy: float, n_useful: int) -> None:
    assert clocks.look(Hiring(SIZE), 50, late_s=late_s, busy=busy) == n_useful


def test_slow_targets_have_all_threads_after_three_looks(clocks: Clocks) -> None:
    assert clocks.look(Hiring(SIZE), 3, late_s=0, busy=0) == SIZE


def test_one_long_delay_sends_few_away(clocks: Clocks) -> None:
    looked = Hiring(SIZE)
    clocks.look(looked, 50, late_s=0, busy=0.9)
    clocks.look(looked, 1, late_s=5.0, busy=0.9)
    assert clocks.look(looked, 9, late_s=CROWDED_S / 2, busy=0.9) >= SIZE - 2


def test_what_was_done_before_is_not_looked_at(clocks: Clocks) -> None:
    looked = Hiring(SIZE)
    clocks.now += 60
    looked.begin()
    assert clocks.look(looked, 1, late_s=CROWDED_S / 2, busy=0.9) == FIRST


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_small_crew_is_all_there(clocks: Clocks, size: int) -> None:
    looked: Any = Hiring(size)
    assert looked.n_useful == size
    assert clocks.look(looked, 9, late_s=CROWDED_S * 2, busy=0.9) == min(FEWEST, size)
