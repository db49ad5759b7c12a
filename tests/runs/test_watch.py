"""Whatever died, runs end: leases that ended, hints that got lost, runs nobody planned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from runs import tasks
from runs.choices import ChunkStatus, RunStatus
from runs.execution import watch as watching
from runs.execution.caution import MAX_ATTEMPTS, TRUSTED
from runs.execution.chunk import claim, run_chunk
from runs.execution.dispatch import dispatch
from runs.execution.pool import Crew
from runs.execution.writer import Writer
from runs.models import Chunk, Run
from tests.factories import make_case, make_environment, make_run
from tests.runs.queue import Sent
from tests.runs.working import end_lease, record_one_and_die
from tests.target import Target

pytestmark = pytest.mark.django_db


def hint(chunk_id: int) -> tuple[str, int]:
    return "runs.tasks.run_chunk", chunk_id


def test_a_chunk_whose_lease_ended_goes_back_to_the_queue(sent: Sent) -> None:
    run = make_run(make_case())
    [chunk_id] = dispatch(run.pk)
    assert claim(chunk_id, 30)
    tasks.watch()
    assert sent == []
    end_lease(chunk_id)
    tasks.watch()
    tasks.watch()
    assert sent == [hint(chunk_id)]
    chunk = Chunk.objects.get()
    assert (chunk.status, chunk.token, chunk.attempts) == (ChunkStatus.QUEUED, "", 1)


def die_of(chunk_id: int) -> None:
    """A worker claims the chunk and dies before anything is on record."""
    assert claim(chunk_id, 30)
    end_lease(chunk_id)
    tasks.watch()


def test_the_first_case_of_a_chunk_that_five_workers_died_of_is_given_up(
    target: Target, crew: Crew, sent: Sent
) -> None:
    cases = [make_case() for _ in range(3)]
    run = make_run(*cases, environment=make_environment(target.url))
    [chunk_id] = dispatch(run.pk)
    for _death in range(MAX_ATTEMPTS):
        assert run.counts()["error"] == 0
        die_of(chunk_id)
    assert [result.case_id for result in run.results.all()] == [cases[0].pk]
    assert sent[-1] == hint(chunk_id), "the others have another chance"
    run_chunk(chunk_id, crew, lease_s=30)
    run.refresh_from_db()
    assert (run.status, run.counts()["passed"]) == (RunStatus.FINISHED, 2)


def test_a_chunk_of_suspects_is_run_one_by_one_and_recorded_at_once(
    target: Target, crew: Crew, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = list[int]()
    flush = Writer.flush

    def note(writer: Writer) -> None:
        batches.append(len(writer._waiting))
        flush(writer)

    monkeypatch.setattr(Writer, "flush", note)
    cases = [make_case(steps=[{"url": f"/slow/50?{n}"}]) for n in range(6)]
    run = make_run(*cases, environment=make_environment(target.url))
    [chunk_id] = dispatch(run.pk)
    for _death in range(TRUSTED):
        die_of(chunk_id)
    run_chunk(chunk_id, crew, lease_s=30)
    assert [asked.target for asked in target.requests] == [f"/slow/50?{n}" for n in range(6)]
    assert [n for n in batches if n] == [1] * 6
    run.refresh_from_db()
    assert (run.status, run.outcome) == (RunStatus.FINISHED, "passed")


def test_a_chunk_that_moves_is_not_given_up_however_many_workers_die(sent: Sent) -> None:
    run = make_run(*(make_case() for _ in range(2 * MAX_ATTEMPTS)))
    [chunk_id] = dispatch(run.pk)
    for n_done in range(1, 2 * MAX_ATTEMPTS):
        record_one_and_die(chunk_id)
        tasks.watch()
        assert (run.counts()["passed"], run.counts()["error"]) == (n_done, 0)


def test_what_must_not_be_sent_twice_gets_no_other_chance(sent: Sent) -> None:
    run = make_run(*(make_case() for _ in range(3)))
    Run.objects.update(never_send_twice=True)
    [chunk_id] = dispatch(run.pk)
    for _death in range(MAX_ATTEMPTS):
        die_of(chunk_id)
    run.refresh_from_db()
    assert (run.status, run.counts()["error"]) == (RunStatus.FINISHED, 3)


@pytest.mark.usefixtures("even_chunks")
def test_two_killers_in_a_row_cost_what_is_left_of_their_chunk(
    sent: Sent, settings: Any
) -> None:
    settings.CHUNK_SIZE, settings.WINDOW = 2, 1
    run = make_run(*(make_case() for _ in range(3)))
    [first] = dispatch(run.pk)
    for _death in range(MAX_ATTEMPTS + 1):
        die_of(first)
    assert claim(first, 30) is None
    assert run.counts()["error"] == 2
    assert {result.message for result in run.results.all()} == {
        "Worker lost: 5 workers died while they had this case's chunk."
    }
    second = run.chunks.get(seq=1)
    assert second.status == ChunkStatus.QUEUED
    assert sent[-1] == hint(second.pk), "what follows it is sent at once"


def test_results_that_were_recorded_before_the_deaths_are_kept(
    target: Target, crew: Crew, sent: Sent
) -> None:
    cases = [make_case(), make_case()]
    run = make_run(cases[0], environment=make_environment(target.url))
    [chunk_id] = dispatch(run.pk)
    run_chunk(chunk_id, crew, lease_s=30)
    chunk = Chunk.objects.get()
    chunk.items.append([cases[1].pk, cases[1].current_version_id, 0, 0])
    chunk.save()
    Run.objects.update(status=RunStatus.RUNNING, n_total=2)
    Chunk.objects.update(
        status=ChunkStatus.RUNNING, attempts=MAX_ATTEMPTS, lease_until=Now() - timedelta(1)
    )
    tasks.watch()
    run.refresh_from_db()
    assert (run.status, run.outcome) == (RunStatus.FINISHED, "error")
    counts = run.counts()
    assert (counts["passed"], counts["error"]) == (1, 1)


def test_a_hint_that_got_lost_is_sent_again_once_it_is_stale(sent: Sent, settings: Any) -> None:
    settings.HINT_STALE_S = 100
    run = make_run(make_case())
    [chunk_id] = dispatch(run.pk)
    tasks.watch()
    assert sent == []
    run.chunks.update(sent_at=Now() - timedelta(seconds=101))
    tasks.watch(run.pk)
    tasks.watch(run.pk)
    assert sent == [hint(chunk_id)]


def test_all_hints_are_sent_again_when_a_cluster_took_them_with_it(
    sent: Sent, settings: Any
) -> None:
    settings.HINT_STALE_S = 100
    run = make_run(make_case())
    [chunk_id] = dispatch(run.pk)
    unplanned = make_run(make_case(), planned=False)
    tasks.watch(all_hints=True)
    assert sent == [hint(chunk_id), ("runs.tasks.plan_run", unplanned.pk)]


def test_a_run_whose_planning_was_lost_is_planned_again_by_the_clock_only(
    sent: Sent, settings: Any
) -> None:
    settings.HINT_STALE_S = 100
    run = make_run(make_case(), planned=False)
    tasks.watch()
    assert sent == []
    Run.objects.update(created_at=Now() - timedelta(seconds=101))
    tasks.watch(run.pk)
    assert sent == [], "a page that is looked at does not fill the queue"
    tasks.watch()
    assert sent == [("runs.tasks.plan_run", run.pk)]


def test_a_run_that_nobody_could_plan_is_lost_with_a_reason() -> None:
    run = make_run(make_case(), planned=False)
    Run.objects.update(created_at=Now() - timedelta(seconds=watching.PLANNING_S + 1))
    tasks.watch()
    run.refresh_from_db()
    assert (run.status, run.message) == (
        RunStatus.LOST,
        "It could not be planned within 900 s.",
    )


def test_a_run_whose_last_worker_died_before_closing_it_is_closed() -> None:
    run = make_run(make_case())
    run.chunks.update(status=ChunkStatus.FINISHED, n_passed=1)
    tasks.watch(run.pk)
    run.refresh_from_db()
    assert (run.status, run.outcome) == (RunStatus.FINISHED, "passed")


def test_waiting_chunks_that_nobody_sent_are_sent(sent: Sent) -> None:
    """As if the process had died between planning and dispatching."""
    run = make_run(make_case())
    tasks.watch(run.pk)
    assert sent == [hint(run.chunks.get().pk)]


def test_one_run_that_cannot_be_helped_does_not_hold_up_the_others(
    sent: Sent, caplog: pytest.LogCaptureFixture
) -> None:
    sick, well = make_run(make_case()), make_run(make_case())
    sick.chunks.update(
        status=ChunkStatus.RUNNING,
        attempts=MAX_ATTEMPTS,
        lease_until=Now() - timedelta(1),
        items=[[1, 999_999, 0, 0]],
    )
    tasks.watch()
    assert sent == [hint(well.chunks.get().pk)]
    assert f"Run {sick.pk} could not be looked after." in caplog.text


def test_looking_after_a_run_that_needs_nothing_only_reads(
    django_assert_max_num_queries: Any, django_db_blocker: Any
) -> None:
    run = make_run(make_case())
    dispatch(run.pk)
    with django_assert_max_num_queries(4) as asked:
        tasks.watch(run.pk)
    assert [q["sql"][:6] for q in asked.captured_queries] == ["SELECT"] * 4
