"""One claim of one chunk: what is sent, what is on record afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from runs.choices import ChunkStatus, RunStatus
from runs.execution import drain
from runs.execution.chunk import run_chunk
from runs.execution.dispatch import dispatch
from runs.execution.pool import Crew
from runs.models import Chunk
from tests.factories import make_case, make_environment, make_run
from tests.runs.working import work_off
from tests.target import Target

pytestmark = pytest.mark.django_db


def test_every_case_is_sent_once_and_has_its_result(target: Target, crew: Crew) -> None:
    cases = [make_case(steps=[{"url": f"/status/{status}"}]) for status in (200, 200, 404)]
    run = make_run(*cases, environment=make_environment(target.url))
    work_off(run, crew)
    assert run.status == RunStatus.FINISHED
    assert run.outcome == "failed"
    assert sorted(asked.path for asked in target.requests) == [
        "/status/200",
        "/status/200",
        "/status/404",
    ]
    rows = dict(run.results.values_list("case_id", "outcome"))
    assert [rows[case.pk] for case in cases] == ["passed", "passed", "failed"]


def test_a_result_names_where_it_ran_and_keeps_the_exchange(target: Target, crew: Crew) -> None:
    case = make_case(name="look", steps=[{"url": "/json"}])
    run = make_run(case, environment=make_environment(target.url))
    work_off(run, crew)
    result = run.results.get()
    assert result.thread.startswith("case-")
    assert result.pid
    assert result.host
    assert result.case_path == f"{case.module.name}/look"
    assert result.started_at
    exchange = result.attempts.get().read()["steps"][0]["exchanges"][0]
    assert exchange["request"]["url"] == target.url + "/json"
    assert exchange["response"]["status"] == 200


def test_a_hint_that_comes_twice_does_nothing_the_second_time(
    target: Target, crew: Crew
) -> None:
    run = make_run(make_case(), environment=make_environment(target.url))
    [chunk_id] = dispatch(run.pk)
    run_chunk(chunk_id, crew, lease_s=30)
    assert run_chunk(chunk_id, crew, lease_s=30) == []
    assert len(target.requests) == 1
    assert run.results.count() == 1


@pytest.mark.usefixtures("even_chunks")
def test_a_spent_budget_puts_the_chunk_behind_the_others(
    target: Target, crew: Crew, settings: Any
) -> None:
    settings.CHUNK_SIZE = 20
    settings.CHUNK_BUDGET_S = 0.001
    settings.WINDOW = 2
    cases = [make_case(steps=[{"url": "/slow/10"}]) for _ in range(40)]
    run = make_run(*cases, environment=make_environment(target.url))
    first, second = run.chunks.values_list("pk", flat=True)
    order = work_off(run, crew)
    assert order[:4] == [first, second, first, second]
    assert run.status == RunStatus.FINISHED
    assert run.counts()["passed"] == 40
    assert len(target.requests) == 40
    assert not run.chunks.exclude(attempts__lte=1).exists(), "in good order: counted anew"


def test_a_worker_that_drains_gives_the_chunk_back_unbegun(
    target: Target, crew: Crew, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "drain"
    monkeypatch.setenv(drain.VARIABLE, str(asked))
    run = make_run(make_case(), make_case(), environment=make_environment(target.url))
    [chunk_id] = dispatch(run.pk)
    asked.touch()
    assert run_chunk(chunk_id, crew, lease_s=30) == [chunk_id]
    chunk = Chunk.objects.get()
    assert (chunk.status, chunk.token, chunk.lease_until) == (ChunkStatus.QUEUED, "", None)
    assert target.requests == []
    asked.unlink()
    work_off_again = run_chunk(chunk_id, crew, lease_s=30)
    run.refresh_from_db()
    assert (work_off_again, run.status) == ([], RunStatus.FINISHED)


@pytest.mark.usefixtures("even_chunks")
def test_a_large_run_never_has_more_than_its_window_under_way(
    target: Target, crew: Crew, settings: Any
) -> None:
    settings.CHUNK_SIZE, settings.WINDOW = 1, 2
    cases = [make_case() for _ in range(5)]
    run = make_run(*cases, environment=make_environment(target.url))
    due = dispatch(run.pk)
    assert len(due) == 2
    assert dispatch(run.pk) == []
    seen = set(due)
    while due:
        due += run_chunk(due.pop(0), crew, lease_s=30)
        assert run.chunks.live().count() <= 2
        seen.update(due)
    assert len(seen) == 5


def test_rows_of_a_dataset_have_a_result_each(target: Target, crew: Crew) -> None:
    case = make_case(rows=["one", "two", "three"], steps=[{"url": "/echo?row={{row}}"}])
    run = make_run(case, environment=make_environment(target.url))
    work_off(run, crew)
    assert list(run.results.order_by("row_no").values_list("row_no", "row_name")) == [
        (1, "one"),
        (2, "two"),
        (3, "three"),
    ]
    assert sorted(asked.arg("row") for asked in target.requests) == ["one", "three", "two"]
