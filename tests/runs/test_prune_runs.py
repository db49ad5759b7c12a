"""Bodies go after 14 days, results after 90, runs after 730."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from cases.models import Case
from runs import retention, tasks
from runs.choices import Trigger
from runs.execution.selection import Selection
from runs.models import Attempt, Chunk, Result, Run
from tests.factories import make_case, make_environment, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return make_case()


def ended(case: Case, days_ago: int) -> Run:
    """A run that errored, its target being nowhere, and ended then."""
    run = tasks.run_now(
        Selection(case_ids=(case.pk,)), environment=make_environment(), trigger=Trigger.API
    )
    ended_at = timezone.now() - timedelta(days=days_ago)
    Run.objects.filter(pk=run.pk).update(finished_at=ended_at)
    return run


@pytest.mark.parametrize(
    ("days_ago", "attempts", "results", "runs"),
    [
        (13, 1, 1, 1),
        (15, 0, 1, 1),
        (89, 0, 1, 1),
        (91, 0, 0, 1),
        (729, 0, 0, 1),
        (731, 0, 0, 0),
    ],
)
def test_what_is_kept_of_a_run(
    case: Case, days_ago: int, attempts: int, results: int, runs: int
) -> None:
    ended(case, days_ago)
    call_command("prune_runs")
    kept = (Attempt.objects.count(), Result.objects.count(), Run.objects.count())
    assert kept == (attempts, results, runs)
    assert Chunk.objects.count() == runs


def test_the_counts_of_a_run_outlive_its_results(case: Case) -> None:
    run = ended(case, 100)
    call_command("prune_runs")
    assert run.counts()["error"] == 1
    assert not run.results.exists()


def test_a_run_that_has_not_ended_keeps_everything(case: Case) -> None:
    run = make_run(case)
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(days=800))
    call_command("prune_runs")
    assert Run.objects.filter(pk=run.pk).exists()


def test_it_says_what_it_deleted_and_goes_batch_by_batch(
    case: Case, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    for _n in range(3):
        ended(case, 20)
    call_command("prune_runs")
    said = "Deleted: 3 attempts, 0 results, 0 runs, 0 contents of attachments."
    assert said in capsys.readouterr().out


def test_the_nightly_task_does_the_same(case: Case) -> None:
    ended(case, 20)
    tasks.prune()
    assert (Attempt.objects.count(), Result.objects.count()) == (0, 1)
