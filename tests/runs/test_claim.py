"""A chunk has one worker at a time, and only that one writes."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from runs.choices import ChunkStatus, RunStatus
from runs.execution.chunk import claim, run_chunk
from runs.execution.dispatch import dispatch
from runs.execution.manifest import open_units
from runs.execution.pool import Crew
from runs.execution.writer import LostLease, Writer
from runs.models import Chunk, Result
from tests.factories import make_case, make_environment, make_run
from tests.runs.landing import land
from tests.runs.working import end_lease, work_off
from tests.target import Target


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_claim_at_once_get_it_once() -> None:
    run = make_run(make_case())
    [chunk_id] = dispatch(run.pk)
    won: list[bool] = []
    at_once = threading.Barrier(4)

    def try_it() -> None:
        at_once.wait()
        won.append(claim(chunk_id, 30) is not None)
        connections.close_all()

    threads = [threading.Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, False, False, True]


@pytest.mark.django_db
def test_a_claim_starts_the_run_and_takes_a_lease() -> None:
    run = make_run(make_case())
    [chunk_id] = dispatch(run.pk)
    chunk = claim(chunk_id, 30)
    run.refresh_from_db()
    assert (run.status, bool(run.started_at)) == (RunStatus.RUNNING, True)
    assert chunk is not None
    assert (chunk.status, chunk.attempts, len(chunk.token)) == (ChunkStatus.RUNNING, 1, 32)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "status", [ChunkStatus.WAITING, ChunkStatus.FINISHED, ChunkStatus.CANCELLED]
)
def test_a_chunk_that_no_hint_is_out_for_is_not_claimed(status: str) -> None:
    run = make_run(make_case())
    run.chunks.update(status=status)
    assert claim(run.chunks.get().pk, 30) is None


@pytest.mark.django_db
def test_a_chunk_whose_lease_ended_runs_only_what_has_no_result(
    target: Target, crew: Crew
) -> None:
    cases = [make_case() for _ in range(5)]
    run = make_run(*cases, environment=make_environment(target.url))
    [chunk_id] = dispatch(run.pk)
    dying = claim(chunk_id, 30)
    assert dying is not None
    writer = Writer(dying, 30)
    for unit in open_units(dying)[:2]:
        writer.add(land(unit))
    writer.flush()
    assert run_chunk(chunk_id, crew, lease_s=30) == [], "the lease has not ended"
    end_lease(chunk_id)
    run_chunk(chunk_id, crew, lease_s=30)
    run.refresh_from_db()
    assert (run.status, run.results.count(), run.counts()["passed"]) == ("finished", 5, 5)
    assert len(target.requests) == 3


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_writes_nothing(target: Target, crew: Crew) -> None:
    run = make_run(make_case(), make_case(), environment=make_environment(target.url))
    [chunk_id] = dispatch(run.pk)
    late = claim(chunk_id, 30)
    assert late is not None
    writer = Writer(late, 30)
    for unit in open_units(late):
        writer.add(land(unit))
    end_lease(chunk_id)
    work_off(run, crew)
    run_chunk(chunk_id, crew, lease_s=30)
    before = list(Result.objects.order_by("pk").values())
    with pytest.raises(LostLease):
        writer.flush()
    assert list(Result.objects.order_by("pk").values()) == before
    run.refresh_from_db()
    assert sum(run.counts().values()) == len(before) == 2


@pytest.mark.django_db
def test_a_late_worker_cannot_take_the_chunk_back(crew: Crew) -> None:
    run = make_run(make_case())
    [chunk_id] = dispatch(run.pk)
    late = claim(chunk_id, 30)
    end_lease(chunk_id)
    new = claim(chunk_id, 30)
    assert late is not None
    assert new is not None
    with pytest.raises(LostLease):
        Writer(late, 30).flush()
    Writer(new, 30).flush()
    assert Chunk.objects.get().token == new.token
