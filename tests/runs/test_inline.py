"""A case run in the thread that asks leaves the same record as one run by a worker."""

from __future__ import annotations

from typing import Any

import pytest

from runs import tasks
from runs.choices import RunStatus, Trigger
from runs.execution import plan
from runs.execution.inline import reserve, run_inline
from runs.execution.pool import Crew
from runs.execution.selection import Selection
from runs.models import Run
from tests.factories import make_case, make_environment, make_module, make_run
from tests.runs.queue import Sent
from tests.runs.working import work_off
from tests.target import Target

pytestmark = pytest.mark.django_db

# Where and when it ran differs, and nothing else may.
WHERE = {"id", "run_id", "chunk_id", "started_at", "duration_ms", "host", "pid", "thread"}


def record(run: Run) -> list[Any]:
    """Results and attempts without places, times and ephemeral headers."""
    found = []
    for result in run.results.order_by("case_name", "row_no"):
        row = {name: value for name, value in vars(result).items() if name not in WHERE}
        row.pop("_state")
        attempt = result.attempts.get().read()
        steps = [
            (step["outcome"], step["message"], step["assertions"], step["extractions"])
            + tuple(
                (e["request"], e["response"] and e["response"]["body"])
                for e in step["exchanges"]
            )
            for step in attempt["steps"]
        ]
        found.append((row, attempt["outcome"], attempt["message"], steps))
    return found


def test_a_run_here_and_a_run_by_a_worker_leave_the_same_record(
    target: Target, crew: Crew
) -> None:
    module = make_module(default_environment=make_environment(target.url))
    cases = [
        make_case(module, steps=[{"url": "/json"}, {"url": "/status/404"}, {"url": "/json"}]),
        make_case(module, steps=[{"url": "/json?{{nothing}}"}]),
        make_case(module, steps=[{"url": "/echo", "method": "POST"}]),
        make_case(module, rows=["a", "b"], steps=[{"url": "/json?{{row}}"}]),
        make_case(module, steps=[{"url": "/close"}]),
    ]
    selection = Selection(case_ids=tuple(case.pk for case in cases))
    here = tasks.run_now(selection, trigger=Trigger.COMMAND)
    there = make_run(*cases, environment=module.default_environment)
    work_off(there, crew)
    assert record(here) == record(there)
    assert (here.status, here.outcome, here.counts()) == (
        there.status,
        there.outcome,
        there.counts(),
    )


@pytest.mark.usefixtures("even_chunks")
def test_many_rows_are_run_chunk_by_chunk_without_a_hint(
    target: Target, sent: Sent, settings: Any
) -> None:
    settings.CHUNK_SIZE, settings.WINDOW = 2, 1
    case = make_case(
        make_module(default_environment=make_environment(target.url)),
        rows=[str(n) for n in range(7)],
    )
    run = tasks.run_now(Selection(case_ids=(case.pk,)), trigger=Trigger.COMMAND)
    assert (run.status, run.counts()["passed"], run.chunks.count()) == ("finished", 7, 4)
    assert sent == []


def test_a_reserved_run_is_not_handed_to_workers(sent: Sent) -> None:
    run = make_run(make_case())
    reserve(run)
    tasks.watch()
    assert sent == []


def test_a_run_whose_process_died_goes_on_in_the_workers(
    target: Target, crew: Crew, sent: Sent, settings: Any
) -> None:
    settings.HINT_STALE_S = -1
    run = make_run(make_case(), environment=make_environment(target.url))
    reserve(run)
    tasks.watch()
    assert sent == [("runs.tasks.run_chunk", run.chunks.get().pk)]


def test_a_run_that_is_cancelled_before_its_first_case_sends_nothing(target: Target) -> None:
    run = make_run(make_case(), planned=False, environment=make_environment(target.url))
    plan.plan_run(run.pk)
    reserve(run)
    run.cancel()
    tasks.settle(run)
    assert run_inline(run) == []
    run.refresh_from_db()
    assert (run.status, target.requests) == (RunStatus.CANCELLED, [])
