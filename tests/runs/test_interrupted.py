"""A plan may say that its cases are never sent twice; a crash then costs results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from runs.execution.chunk import claim, run_chunk
from runs.execution.dispatch import dispatch
from runs.execution.flight import Flight
from runs.execution.pool import Crew
from runs.execution.work import Work
from runs.execution.writer import Writer
from tests.factories import make_case, make_environment, make_module, make_run
from tests.runs.working import end_lease, work_off
from tests.target import Target

pytestmark = pytest.mark.django_db


def test_what_may_have_been_sent_ends_as_interrupted(
    target: Target, crew: Crew, settings: Any
) -> None:
    settings.THREADS = 2
    module = make_module()
    cases = [make_case(module, name=f"{number}") for number in range(5)]
    run = make_run(*cases, environment=make_environment(target.url), never_send_twice=True)
    [chunk_id] = dispatch(run.pk)
    dying = claim(chunk_id, 30)
    assert dying is not None
    Writer(dying, 30).mark_sent(2)
    end_lease(chunk_id)
    run_chunk(chunk_id, crew, lease_s=30)
    run.refresh_from_db()
    assert run.status == "finished"
    assert list(run.results.order_by("case_name").values_list("outcome", flat=True)) == [
        "error",
        "error",
        "passed",
        "passed",
        "passed",
    ]
    broken = run.results.broken()
    assert {result.message for result in broken} == {
        "Interrupted: the worker died while it was sent."
    }
    assert len(target.requests) == 3


def test_without_the_option_everything_is_sent_again(target: Target, crew: Crew) -> None:
    run = make_run(make_case(), environment=make_environment(target.url))
    [chunk_id] = dispatch(run.pk)
    assert claim(chunk_id, 30)
    end_lease(chunk_id)
    run_chunk(chunk_id, crew, lease_s=30)
    assert run.counts()["passed"] == 1


def test_it_is_on_record_before_the_first_byte_leaves(
    target: Target, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_asked: list[int] = []
    mark_sent = Writer.mark_sent

    def note(writer: Writer, n_sent: int) -> None:
        n_asked.append(len(target.requests))
        mark_sent(writer, n_sent)

    monkeypatch.setattr(Writer, "mark_sent", note)
    run = make_run(make_case(), environment=make_environment(target.url), never_send_twice=True)
    work_off(run, crew)
    assert n_asked == [0]
    assert len(target.requests) == 1


def test_a_chunk_that_gave_itself_back_in_good_order_loses_nothing(
    target: Target, crew: Crew, settings: Any
) -> None:
    settings.CHUNK_BUDGET_S = 0.001
    cases = [make_case(steps=[{"url": "/slow/10"}]) for _ in range(40)]
    run = make_run(*cases, environment=make_environment(target.url), never_send_twice=True)
    claims = work_off(run, crew)
    assert len(claims) > 1
    assert run.counts()["passed"] == len(target.requests) == 40


def test_few_stand_in_line_where_each_of_them_would_count_as_sent(
    target: Target, crew: Crew, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.THREADS = crew.size
    lines: list[int] = []
    launch = Flight.launch

    def launching(flight: Flight, going: Sequence[Work]) -> None:
        launch(flight, going)
        lines.append(len(flight._line))

    monkeypatch.setattr(Flight, "launch", launching)
    case = make_case(rows=[str(n) for n in range(40)])
    run = make_run(case, environment=make_environment(target.url), never_send_twice=True)
    work_off(run, crew)
    assert run.counts()["passed"] == 40
    assert max(lines) <= crew.size
