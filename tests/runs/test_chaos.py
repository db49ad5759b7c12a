"""Workers claim, write, die, come late; hints get lost and come twice; whatever the order,
the run ends, each result stands once, and the counters equal the rows."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest

from cases.engine.outcome import Outcome
from runs import tasks
from runs.choices import ChunkStatus, RunStatus
from runs.execution.chunk import claim, conclude
from runs.execution.dispatch import dispatch
from runs.execution.environment import NOTHING
from runs.execution.manifest import Unit, load, open_units
from runs.execution.writer import LostLease, Writer
from runs.models import Chunk, Run
from tests.factories import make_case, make_run
from tests.runs.landing import land, land_after
from tests.runs.queue import Sent
from tests.runs.working import end_lease

pytestmark = pytest.mark.django_db

N_CASES, STEPS = 12, 80


@dataclass
class Worker:
    """One claim, as far as it has come."""

    chunk: Chunk
    writer: Writer
    left: list[Unit]


class House:
    """What may happen next is drawn by lot."""

    def __init__(self, run: Run, sent: Sent, seed: int) -> None:
        self.run, self.sent, self.lot = run, sent, random.Random(seed)
        self.at_work: list[Worker] = []
        self.hints = dispatch(run.pk)

    def step(self) -> None:
        happens = self.lot.choices(
            [self.claim, self.write, self.end, self.die, self.lease_ends, self.lose, self.look],
            [6, 8, 4, 1, 1, 1, 1],
        )[0]
        happens()
        counts, n_on_retry = self.run.counts_and_retried()
        for outcome, n in counts.items():
            assert self.run.results.filter(outcome=outcome).count() == n
        assert self.run.results.passed_on_retry().count() == n_on_retry

    def claim(self) -> None:
        """A hint is taken; sometimes it stays in the queue and comes again."""
        if not self.hints:
            return
        chunk_id = self.lot.choice(self.hints)
        if self.lot.random() < 0.8:
            self.hints.remove(chunk_id)
        chunk = claim(chunk_id, 60)
        if chunk is not None:
            self.at_work.append(Worker(chunk, Writer(chunk, 60), open_units(chunk)))

    def write(self) -> None:
        worker = self.someone()
        if worker is None:
            return
        for _n in range(self.lot.randint(0, 3)):
            if worker.left:
                outcome = self.lot.choice([Outcome.PASSED, Outcome.FAILED])
                n_earlier = self.lot.choice([0, 0, 1, 2])
                worker.writer.add(land_after(worker.left.pop(0), n_earlier, outcome))
        try:
            worker.writer.flush()
        except LostLease:
            self.at_work.remove(worker)

    def end(self) -> None:
        """It gives back what it has not begun, or has nothing left."""
        worker = self.someone()
        if worker is None:
            return
        self.at_work.remove(worker)
        try:
            worker.writer.flush()
        except LostLease:
            return
        self.hints += conclude(worker.chunk, list(load(worker.left, NOTHING)), worker.writer)

    def die(self) -> None:
        worker = self.someone()
        if worker is not None:
            self.at_work.remove(worker)

    def lease_ends(self) -> None:
        """Of a worker that is dead, or of one that is merely late."""
        running = list(self.run.chunks.filter(status=ChunkStatus.RUNNING))
        if running:
            end_lease(self.lot.choice(running).pk)

    def lose(self) -> None:
        if self.hints:
            self.hints.remove(self.lot.choice(self.hints))

    def look(self) -> None:
        """The watch comes by."""
        self.sent.clear()
        tasks.watch()
        self.hints += [chunk_id for name, chunk_id in self.sent if name.endswith("run_chunk")]

    def someone(self) -> Worker | None:
        return self.lot.choice(self.at_work) if self.at_work else None

    def settle(self) -> None:
        """Everybody dies; then one worker that does its work is left."""
        self.at_work.clear()
        for _round in range(20 * N_CASES):
            for chunk in self.run.chunks.filter(status=ChunkStatus.RUNNING):
                end_lease(chunk.pk)
            self.look()
            for chunk_id in self.hints:
                chunk = claim(chunk_id, 60)
                if chunk is None:
                    continue
                writer = Writer(chunk, 60)
                writer.flush()
                if not writer.cancelled:
                    for unit in open_units(chunk):
                        writer.add(land(unit))
                    writer.flush()
                left = list(load(open_units(chunk), NOTHING))
                conclude(chunk, left, writer)
            self.hints.clear()
            self.run.refresh_from_db()
            if not self.run.is_open:
                return
        raise AssertionError(f"{self.run} did not end")


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_each_result_stands_once(seed: int, sent: Sent, settings: Any) -> None:
    settings.CHUNK_SIZE, settings.WINDOW, settings.HINT_STALE_S = 3, 3, -1
    run = make_run(*(make_case() for _ in range(N_CASES)))
    house = House(run, sent, seed)
    for _step in range(STEPS):
        house.step()
    house.settle()
    assert run.status == RunStatus.FINISHED
    assert run.results.count() == sum(run.counts().values()) == N_CASES
    assert run.results.values("case_id").distinct().count() == N_CASES
    for result in run.results.all():
        numbers = result.attempts.order_by("number").values_list("number", flat=True)
        assert list(numbers) == [*range(1, result.n_attempts + 1)]
    assert set(run.chunks.values_list("status", flat=True)) == {ChunkStatus.FINISHED}


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_a_cancelled_run_ends(seed: int, sent: Sent, settings: Any) -> None:
    settings.CHUNK_SIZE, settings.WINDOW, settings.HINT_STALE_S = 3, 3, -1
    run = make_run(*(make_case() for _ in range(N_CASES)))
    house = House(run, sent, seed)
    cancelled_at = house.lot.randint(0, STEPS // 2)
    for step in range(STEPS):
        if step == cancelled_at:
            run.cancel()
            tasks.settle(run)
        house.step()
    house.settle()
    n_results = run.results.count()
    whole = n_results == N_CASES
    assert run.status == (RunStatus.FINISHED if whole else RunStatus.CANCELLED)
    assert n_results == sum(run.counts().values())
    assert run.results.values("case_id").distinct().count() == n_results
