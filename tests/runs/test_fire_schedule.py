"""A schedule's slot makes one run; its django-q2 row is always set for the next slot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pydoc import locate
from typing import Any

import pytest
from django_q.models import OrmQ
from django_q.models import Schedule as QueueSchedule

from runs import tasks
from runs.choices import RunStatus, Trigger
from runs.models import Plan, Run, Schedule
from runs.schedules import next_slot
from runs.tasks import timetable
from tests.factories import make_case, make_plan, make_user
from tests.runs.queue import Sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]

SLOT = "2026-01-05T07:30:00+00:00"


def make_schedule(plan: Plan | None = None, **fields: Any) -> Schedule:
    schedule = Schedule.objects.create(
        plan=plan or make_plan(make_case()),
        cron="30 7 * * *",
        time_zone="Europe/Berlin",
        owner=fields.pop("owner", None) or make_user(),
        **fields,
    )
    tasks.arm(schedule)
    return schedule


def row(schedule: Schedule) -> QueueSchedule:
    return QueueSchedule.objects.get(name=f"testhub: schedule {schedule.pk}")


def test_an_armed_schedule_has_its_next_slot_in_the_queue() -> None:
    schedule = make_schedule()
    queued = row(schedule)
    assert queued.next_run == schedule.next_run_at
    assert schedule.next_run_at is not None
    assert (
        datetime.now(UTC)
        < schedule.next_run_at
        < datetime.now(UTC) + timedelta(days=1, hours=1)
    )
    assert (queued.func, queued.args) == ("runs.tasks.fire_schedule", f"({schedule.pk},)")
    assert (queued.schedule_type, queued.repeats) == (QueueSchedule.ONCE, 1)
    assert queued.intended_date_kwarg == "slot"


def test_a_slot_makes_a_run_and_sets_the_next_one(sent: Sent) -> None:
    schedule = make_schedule()
    QueueSchedule.objects.update(repeats=0, next_run=datetime(2026, 1, 5, tzinfo=UTC))
    tasks.fire_schedule(schedule.pk, SLOT)
    run = Run.objects.get()
    assert (run.trigger, run.schedule, run.user) == (
        Trigger.SCHEDULE,
        schedule,
        schedule.owner,
    )
    assert run.slot == datetime.fromisoformat(SLOT)
    assert (run.plan, run.title) == (schedule.plan, schedule.plan.name)
    assert sent == [("runs.tasks.run_chunk", run.chunks.get().pk)]
    assert row(schedule).repeats == 1
    assert row(schedule).next_run > datetime.now(UTC)


def test_a_slot_that_fires_twice_makes_one_run() -> None:
    schedule = make_schedule()
    for _time in range(2):
        tasks.fire_schedule(schedule.pk, SLOT)
    assert Run.objects.count() == 1


def test_a_disabled_owner_starts_nothing_but_the_slots_go_on() -> None:
    owner = make_user(is_active=False)
    schedule = make_schedule(owner=owner)
    tasks.fire_schedule(schedule.pk, SLOT)
    assert not Run.objects.exists()
    assert row(schedule).repeats == 1


def test_a_plan_that_cannot_run_leaves_a_lost_record_with_the_reason() -> None:
    saved = make_plan(make_case(is_active=False), name="nightly")
    schedule = make_schedule(saved)
    for _time in range(2):
        tasks.fire_schedule(schedule.pk, SLOT)
    run = Run.objects.get()
    assert (run.status, run.outcome) == (RunStatus.LOST, "")
    assert run.message == "Nothing to run: nightly has no active case with a step."
    assert run.finished_at
    assert row(schedule).repeats == 1


def test_a_paused_schedule_has_a_paused_row_and_fires_nothing() -> None:
    schedule = make_schedule(is_active=False)
    assert (row(schedule).repeats, schedule.next_run_at) == (0, None)
    tasks.fire_schedule(schedule.pk, SLOT)
    assert not Run.objects.exists()


def test_a_deleted_schedule_leaves_no_row_behind() -> None:
    """Also when it went with its plan, without `disarm`."""
    schedule = make_schedule()
    pk = schedule.pk
    schedule.plan.delete()
    tasks.fire_schedule(pk, SLOT)
    assert not QueueSchedule.objects.filter(name=f"testhub: schedule {pk}").exists()
    assert not Run.objects.exists()


def test_a_slot_that_got_lost_is_fired_by_the_watch_once() -> None:
    schedule = make_schedule()
    missed = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=6)
    Schedule.objects.update(next_run_at=missed)
    tasks.watch()
    tasks.watch()
    assert Run.objects.get().slot == missed
    schedule.refresh_from_db()
    assert schedule.next_run_at is not None
    assert schedule.next_run_at > datetime.now(UTC)


def test_slots_that_were_missed_make_one_run_of_the_first() -> None:
    """The queue's message and the watch both find it, whoever comes first."""
    schedule = make_schedule()
    first = next_slot(schedule.cron, schedule.time_zone, datetime.now(UTC) - timedelta(days=3))
    Schedule.objects.update(next_run_at=first)
    QueueSchedule.objects.update(next_run=first)
    for _cluster in range(2):
        tasks.watch()
        tasks.fire_schedule(schedule.pk, first.isoformat())
    assert Run.objects.get().slot == first
    assert row(schedule).next_run > datetime.now(UTC)


def test_a_slot_that_is_merely_late_is_left_to_the_queue() -> None:
    make_schedule()
    Schedule.objects.update(next_run_at=datetime.now(UTC) - timedelta(minutes=4))
    tasks.watch()
    assert not Run.objects.exists()


def test_an_active_schedule_that_was_never_armed_is_armed_by_the_watch() -> None:
    schedule = make_schedule()
    QueueSchedule.objects.all().delete()
    Schedule.objects.update(next_run_at=None)
    tasks.watch()
    assert row(schedule).repeats == 1


def test_one_bad_schedule_does_not_hold_up_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad, good = make_schedule(), make_schedule()
    missed = datetime.now(UTC) - timedelta(minutes=6)
    Schedule.objects.update(next_run_at=missed)
    Schedule.objects.filter(pk=bad.pk).update(cron="not a line")  # past every form
    tasks.watch()
    assert Run.objects.get().schedule == good
    assert f"Schedule {bad.pk} could not be fired." in caplog.text


@pytest.mark.parametrize(
    ("name", "func", "cron"),
    [
        (timetable.WATCH_NAME, "runs.tasks.watch", "* * * * *"),
        (timetable.PRUNE_NAME, "runs.tasks.prune", "20 3 * * *"),
    ],
)
def test_what_testhub_does_regularly_is_a_schedule_of_the_queue_itself(
    name: str, func: str, cron: str
) -> None:
    tasks.install_own()
    tasks.install_own()
    row = QueueSchedule.objects.get(name=name)
    assert (row.func, row.cron, row.repeats) == (func, cron, -1)
    assert callable(locate(func))


@pytest.mark.django_db(transaction=True)
def test_due_schedules_go_into_the_queue_with_their_slot() -> None:
    """Through django-q2's own scheduler, as the clock of `run_workers` does it."""
    schedule = make_schedule()
    due_at = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=10)
    QueueSchedule.objects.exclude(pk=row(schedule).pk).delete()
    QueueSchedule.objects.update(next_run=due_at)
    tasks.fire_due_schedules()
    [message] = OrmQ.objects.all()
    task = message.task
    assert (task["func"], task["args"]) == ("runs.tasks.fire_schedule", (schedule.pk,))
    assert task["kwargs"] == {"slot": due_at.isoformat()}
    assert row(schedule).repeats == 0
    tasks.fire_schedule(*task["args"], **task["kwargs"])
    assert Run.objects.get().slot == due_at
    assert row(schedule).repeats == 1
