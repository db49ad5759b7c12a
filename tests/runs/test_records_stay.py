"""A record does not change when what it tells of does."""

from __future__ import annotations

import pytest

from runs.execution.pool import Crew
from tests.factories import make_case, make_environment, make_module, make_run
from tests.runs.working import work_off
from tests.target import Target

pytestmark = pytest.mark.django_db


def test_deleting_moving_or_renaming_a_case_leaves_its_results_as_they_were(
    target: Target, crew: Crew
) -> None:
    module = make_module("shop")
    gone, moved = make_case(module, name="gone"), make_case(module, name="moved")
    run = make_run(gone, moved, environment=make_environment(target.url))
    work_off(run, crew)
    before = list(run.results.order_by("pk").values())
    attempts = [bytes(a.data) for r in run.results.order_by("pk") for a in r.attempts.all()]
    gone.delete()
    moved.module, moved.name = make_module("elsewhere"), "renamed"
    moved.save()
    assert list(run.results.order_by("pk").values()) == before
    assert [
        bytes(a.data) for r in run.results.order_by("pk") for a in r.attempts.all()
    ] == attempts
    assert sorted(run.results.values_list("case_path", flat=True)) == [
        "shop/gone",
        "shop/moved",
    ]


def test_a_run_that_was_planned_runs_what_was_written_then(target: Target, crew: Crew) -> None:
    case = make_case(steps=[{"url": "/json?planned"}])
    run = make_run(case, environment=make_environment(target.url))
    case.steps.update(url="/json?changed")
    case.delete()
    work_off(run, crew)
    assert [asked.target for asked in target.requests] == ["/json?planned"]
    assert run.counts()["passed"] == 1


def test_a_case_shows_the_worst_of_its_rows_in_its_last_run(target: Target, crew: Crew) -> None:
    case = make_case(rows=["200", "404", "200"], steps=[{"url": "/status/{{row}}"}])
    run = make_run(case, environment=make_environment(target.url))
    work_off(run, crew)
    case.refresh_from_db()
    assert (case.last_outcome, bool(case.last_run_at)) == ("failed", True)
