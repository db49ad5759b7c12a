"""Cancelling: nothing new is sent, and the run ends whoever is alive to end it."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.db.models.functions import Now

from runs import tasks
from runs.choices import ChunkStatus, RunStatus
from runs.execution.chunk import claim, conclude, run_chunk
from runs.execution.dispatch import dispatch
from runs.execution.manifest import open_units
from runs.execution.pool import Crew
from runs.execution.writer import LostLease, Writer
from runs.models import Run
from tests.factories import make_case, make_environment, make_run, make_user
from tests.installation import wait_until
from tests.runs.landing import land
from tests.runs.working import work_off
from tests.target import Target


@pytest.mark.django_db
def test_a_queued_run_is_cancelled_at_once() -> None:
    run = make_run(make_case(), make_case())
    dispatch(run.pk)
    user = make_user()
    assert run.cancel(user)
    tasks.settle(run)
    run.refresh_from_db()
    assert (run.status, run.outcome, run.cancelled_by) == (RunStatus.CANCELLED, "", user)
    assert run.finished_at
    assert set(run.chunks.values_list("status", flat=True)) == {ChunkStatus.CANCELLED}


@pytest.mark.django_db
def test_a_run_that_is_not_planned_yet_is_cancelled_at_once_and_never_planned() -> None:
    run = make_run(make_case(), planned=False)
    assert run.cancel()
    tasks.settle(run)
    tasks.plan_run(run.pk)
    run.refresh_from_db()
    assert (run.status, run.planned_at) == (RunStatus.CANCELLED, None)
    assert not run.chunks.exists()


@pytest.mark.django_db
def test_cancelling_an_ended_run_changes_nothing(target: Target, crew: Crew) -> None:
    run = make_run(make_case(), environment=make_environment(target.url))
    work_off(run, crew)
    before = Run.objects.values().get(pk=run.pk)
    assert not run.cancel(make_user())
    tasks.settle(run)
    assert Run.objects.values().get(pk=run.pk) == before


@pytest.mark.django_db
def test_cancelling_twice_counts_once() -> None:
    run = make_run(make_case())
    first, second = make_user(), make_user()
    assert run.cancel(first)
    assert not run.cancel(second)
    run.refresh_from_db()
    assert run.cancelled_by == first


@pytest.mark.django_db
def test_a_cancelled_chunk_that_is_claimed_sends_nothing(target: Target, crew: Crew) -> None:
    """The hint was claimed between the cancellation and its update of the chunks."""
    run = make_run(make_case(), environment=make_environment(target.url))
    [chunk_id] = dispatch(run.pk)
    Run.objects.filter(pk=run.pk).update(cancel_requested_at=Now())
    assert run_chunk(chunk_id, crew, lease_s=30) == []
    run.refresh_from_db()
    assert (run.status, target.requests) == (RunStatus.CANCELLED, [])


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_later_than_two_seconds_after_it(target: Target, crew: Crew) -> None:
    steps = [{"url": "/slow/200"}] * 60
    cases = [make_case(steps=steps) for _ in range(12)]
    run = make_run(*cases, environment=make_environment(target.url))
    [chunk_id] = dispatch(run.pk)

    def work() -> None:
        run_chunk(chunk_id, crew, lease_s=30)
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    wait_until(lambda: target.requests, 10)
    run.cancel()
    tasks.settle(run)
    cancelled_at = sent_at = time.monotonic()
    n_sent = len(target.requests)
    while worker.is_alive():
        worker.join(0.05)
        if len(target.requests) > n_sent:
            n_sent, sent_at = len(target.requests), time.monotonic()
    assert sent_at - cancelled_at < 3 * 2 + 2
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    assert run.counts() == {"passed": 0, "failed": 0, "error": 0, "skipped": 4, "blocked": 0}
    assert {result.message for result in run.results.all()} == {"Cancelled."}, "between steps"


@pytest.mark.django_db
def test_a_cancelled_run_that_has_every_result_already_is_finished() -> None:
    run = make_run(make_case())
    [chunk_id] = dispatch(run.pk)
    chunk = claim(chunk_id, 30)
    assert chunk is not None
    writer = Writer(chunk, 30)
    writer.add(land(open_units(chunk)[0]))
    writer.flush()
    assert run.cancel()
    conclude(chunk, [], writer)
    run.refresh_from_db()
    assert (run.status, run.outcome) == (RunStatus.FINISHED, "passed")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked_s_ago", "lease_left_s", "status"),
    [
        (1, 40, RunStatus.RUNNING),  # its worker may be ending in good order
        (1, -1, RunStatus.CANCELLED),  # its worker is dead
        (34, 40, RunStatus.CANCELLED),  # it had time enough
    ],
)
def test_without_a_worker_the_watch_ends_a_cancelled_run_in_time(
    asked_s_ago: int, lease_left_s: int, status: str, settings: Any
) -> None:
    settings.CASE_TIMEOUT_S = 30
    run = make_run(make_case())
    [chunk_id] = dispatch(run.pk)
    assert claim(chunk_id, lease_left_s)
    run.cancel()
    Run.objects.filter(pk=run.pk).update(
        cancel_requested_at=Now() - timedelta(seconds=asked_s_ago)
    )
    tasks.watch(run.pk)
    run.refresh_from_db()
    assert run.status == status


@pytest.mark.django_db
def test_a_worker_that_was_cut_off_writes_nothing_more(target: Target, crew: Crew) -> None:
    run = make_run(make_case(), environment=make_environment(target.url))
    [chunk_id] = dispatch(run.pk)
    late = claim(chunk_id, 40)
    run.cancel()
    Run.objects.filter(pk=run.pk).update(cancel_requested_at=Now() - timedelta(seconds=60))
    tasks.watch(run.pk)
    assert late is not None
    with pytest.raises(LostLease):
        Writer(late, 40).flush()
