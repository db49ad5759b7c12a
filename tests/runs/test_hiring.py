"""How many threads are of use, by how late their launcher gets up and how busy it is."""

from __future__ import annotations

import pytest

from runs.execution import hiring
from runs.execution.hiring import CROWDED_S, FEWEST, FIRST, LOOK_S, PUNCTUAL_S, Hiring
from tests.clock import Clock

SIZE = 20


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, hiring)


def look(looked: Hiring, clock: Clock, n_times: int, *, late_s: float, busy: float) -> int:
    """How many it finds useful when it has looked so often, each time the same."""
    for _ in range(n_times):
        clock.now += LOOK_S
        clock.cpu += LOOK_S * busy
        looked.look(late_s)
    return looked.n_useful


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
def test_how_many_are_of_use(clock: Clock, late_s: float, busy: float, n_useful: int) -> None:
    assert look(Hiring(SIZE), clock, 50, late_s=late_s, busy=busy) == n_useful


def test_slow_targets_have_all_threads_after_three_looks(clock: Clock) -> None:
    assert look(Hiring(SIZE), clock, 3, late_s=0, busy=0) == SIZE


def test_one_long_delay_sends_few_away(clock: Clock) -> None:
    looked = Hiring(SIZE)
    look(looked, clock, 50, late_s=0, busy=0.9)
    look(looked, clock, 1, late_s=5.0, busy=0.9)
    assert look(looked, clock, 9, late_s=CROWDED_S / 2, busy=0.9) >= SIZE - 2


def test_what_was_done_before_is_not_looked_at(clock: Clock) -> None:
    looked = Hiring(SIZE)
    clock.now += 60
    looked.begin()
    assert look(looked, clock, 1, late_s=CROWDED_S / 2, busy=0.9) == FIRST


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_small_crew_is_all_there(clock: Clock, size: int) -> None:
    looked = Hiring(size)
    assert looked.n_useful == size
    assert look(looked, clock, 9, late_s=CROWDED_S * 2, busy=0.9) == min(FEWEST, size)
