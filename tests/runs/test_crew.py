"""The threads of a worker process: made once, kept, given up when they never come back."""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from cases.engine import functions
from cases.engine.auth.tokens import Tokens
from runs.choices import RunStatus
from runs.execution import flight, manifest, pool, work, writer
from runs.execution.chunk import claim, run_chunk
from runs.execution.dispatch import dispatch
from runs.execution.environment import surroundings
from runs.execution.hiring import FIRST
from runs.execution.pool import Crew
from runs.log import WhereFilter
from runs.models import Chunk
from tests.factories import make_case, make_environment, make_run
from tests.installation import wait_until
from tests.runs.working import work_off
from tests.target import Target

pytestmark = pytest.mark.django_db

HANG = [{"url": "/json?{{$hang()}}"}]


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """`{{$hang()}}` in a case waits for this event."""
    go_on = threading.Event()

    def hang() -> str:
        go_on.wait(30)
        return "late"

    monkeypatch.setitem(functions.FUNCTIONS, "hang", hang)
    monkeypatch.setattr(flight, "GRACE_S", 0.1)
    yield go_on
    go_on.set()


def test_a_thread_that_never_comes_back_is_given_up(
    target: Target, crew: Crew, hanging: threading.Event
) -> None:
    stuck = make_case(steps=HANG, timeout_ms=100)
    others = [make_case() for _ in range(6)]
    run = make_run(stuck, *others, environment=make_environment(target.url))
    work_off(run, crew)
    assert run.status == RunStatus.FINISHED
    broken = run.results.broken().get()
    assert (broken.case_id, broken.message) == (
        stuck.pk,
        "The case did not come back within its deadline of 0.1 s; its thread was given up.",
    )
    assert (run.counts()["passed"], crew.n_stuck) == (6, 1)
    hanging.set()
    wait_until(lambda: crew.n_stuck == 0, 5, "the thread is welcome again")
    assert run.results.count() == 7, "what it brought was not wanted any more"


def test_a_crew_of_which_half_is_stuck_is_replaced(
    target: Target, hanging: threading.Event, request: pytest.FixtureRequest
) -> None:
    pool._crew_of.cache_clear()
    request.addfinalizer(pool._crew_of.cache_clear)
    first = pool.crew_of_this_process(2)
    assert pool.crew_of_this_process(2) is first
    run = make_run(
        make_case(steps=HANG, timeout_ms=100), environment=make_environment(target.url)
    )
    work_off(run, first)
    second = pool.crew_of_this_process(2)
    assert second is not first
    second.leave()


def launched(
    target: Target, crew: Crew, n_cases: int, stopped: Callable[[], bool] = lambda: False
) -> flight.Flight:
    """A flight with so many cases that hang."""
    cases = [make_case(steps=HANG) for _ in range(n_cases)]
    run = make_run(*cases, environment=make_environment(target.url))
    units = manifest.open_units(run.chunks.get())
    under_way = crew.flight(lambda _work: nullcontext(), stopped, line=2)
    for piece in manifest.load(
        units, surroundings(run, [unit.spec for unit in units], Tokens())
    ):
        under_way.launch([piece])
    return under_way


def test_abandoned_work_counts_as_stuck_until_it_is_back(
    target: Target, crew: Crew, hanging: threading.Event
) -> None:
    """So that a new chunk launches no more than there are free threads."""
    under_way = launched(target, crew, 2)
    wait_until(lambda: under_way.n_begun == 2, 5)
    under_way.abandon()
    assert (len(under_way), crew.n_stuck) == (0, 2)
    hanging.set()
    wait_until(lambda: crew.n_stuck == 0, 5)


def test_all_threads_are_there_before_the_first_case(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Crew(6).leave()
    assert caplog.text.count("Pool thread started.") == 6


def test_all_threads_are_called_when_the_first_ones_only_wait(
    target: Target, hanging: threading.Event
) -> None:
    crew = Crew(FIRST * 2 + 1)
    under_way = launched(target, crew, crew.size + 2)
    wait_until(lambda: not list(under_way.landed(0.01)) and under_way.n_begun == crew.size, 5)
    under_way.abandon()
    crew.leave()


def test_what_no_thread_has_begun_can_be_taken_back(
    target: Target, crew: Crew, hanging: threading.Event
) -> None:
    under_way = launched(target, crew, 7)
    wait_until(lambda: under_way.n_begun == 4, 5)
    assert [piece.number for piece in under_way.recall()] == [4, 5, 6]
    assert len(under_way) == 4
    under_way.abandon()


def test_a_thread_that_is_told_to_stop_begins_nothing_more(
    target: Target, crew: Crew, hanging: threading.Event
) -> None:
    stopped = threading.Event()
    under_way = launched(target, crew, 7, stopped.is_set)
    wait_until(lambda: under_way.n_begun == 4, 5)
    stopped.set()
    hanging.set()
    wait_until(lambda: under_way.n_begun == 0, 5)
    assert [piece.number for piece in under_way.recall()] == [4, 5, 6]


def _get_stuck_and_end() -> None:
    crew = pool.crew_of_this_process(1)
    crew.submit(lambda _session: threading.Event().wait())
    crew.n_stuck += 1


def test_a_stuck_thread_does_not_keep_a_worker_from_ending() -> None:
    """django-q2 recycles its workers, and waits for each of them to end."""
    worker = multiprocessing.get_context("fork").Process(target=_get_stuck_and_end)
    worker.start()
    worker.join(10)
    assert worker.exitcode == 0


def test_threads_are_the_same_over_many_runs(target: Target, crew: Crew) -> None:
    environment = make_environment(target.url)
    cases = [make_case() for _ in range(8)]
    names = set()
    for _run in range(10):
        run = make_run(*cases, environment=environment)
        work_off(run, crew)
        names |= set(run.results.values_list("thread", flat=True))
    assert names <= {"case-1", "case-2", "case-3", "case-4"}
    own = [t for t in threading.enumerate() if t.name in names]
    assert len(own) <= 4
    assert len({asked.connection for asked in target.requests}) <= 4


def test_a_bug_of_ours_becomes_the_result_of_its_case(
    target: Target, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(make_case(), environment=make_environment(target.url))

    def broken(*_args: Any, **_options: Any) -> None:
        raise RecursionError

    monkeypatch.setattr(work, "run_case", broken)
    work_off(run, crew)
    assert run.status == RunStatus.FINISHED
    assert run.results.get().message == "testhub could not run this case: RecursionError."


def test_a_record_that_cannot_be_made_becomes_the_result_of_its_case(
    target: Target, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(make_case(), environment=make_environment(target.url))
    dumps, tries = work.record.dumps, []

    def broken_once(attempt: Any) -> bytes:
        tries.append(1)
        if len(tries) == 1:
            raise TypeError("Type is not JSON serializable")
        return dumps(attempt)

    monkeypatch.setattr(work.record, "dumps", broken_once)
    work_off(run, crew)
    assert run.results.get().message == "testhub could not run this case: TypeError."
    assert crew.n_stuck == 0


def test_a_line_of_a_pool_thread_names_run_chunk_and_case(
    target: Target,
    crew: Crew,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.handler.addFilter(WhereFilter())

    def say() -> str:
        logging.getLogger("functions").warning("said")
        return "x"

    monkeypatch.setitem(functions.FUNCTIONS, "say", say)
    case = make_case(steps=[{"url": "/json?{{$say()}}"}])
    run = make_run(case, environment=make_environment(target.url))
    work_off(run, crew)
    [line] = [record for record in caplog.records if record.name == "functions"]
    chunk = run.chunks.get()
    assert line.where == f" run={run.pk} chunk={chunk.pk} case={case.pk}"
    assert line.threadName.startswith("case-")


def test_a_lost_lease_stops_what_is_under_way(
    target: Target, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(
        make_case(steps=[{"url": "/slow/300"}] * 10), environment=make_environment(target.url)
    )
    [chunk_id] = dispatch(run.pk)
    monkeypatch.setattr(writer, "FLUSH_S", 0.0)
    flush = writer.Writer.flush

    def rob(own: writer.Writer) -> None:
        Chunk.objects.filter(pk=chunk_id).update(token="somebody else's")
        flush(own)

    monkeypatch.setattr(writer.Writer, "flush", rob)
    assert run_chunk(chunk_id, crew, lease_s=30) == []
    wait_until(lambda: crew.n_stuck == 0, 5)
    assert len(target.requests) <= 2
    assert run.results.count() == 0
    assert claim(chunk_id, 30) is None
