"""Schedules as django-q2 sees them: one row each, set for the next slot."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django_q.models import Schedule as QueueSchedule
from django_q.scheduler import scheduler

from runs import schedules
from runs.choices import RunStatus, Trigger
from runs.execution.plan import Origin
from runs.execution.selection import PlanError
from runs.models import Run, Schedule
from runs.tasks import queue
from runs.tasks.starting import start_planned

logger = logging.getLogger(__name__)

WATCH_NAME = "testhub: watch"
PRUNE_NAME = "testhub: prune"
OWN = {
    WATCH_NAME: ("runs.tasks.watch", "* * * * *"),
    PRUNE_NAME: ("runs.tasks.prune", "20 3 * * *"),
}


def arm(schedule: Schedule) -> None:
    """Give a saved schedule its django-q2 row: the next slot, once; or a paused row."""
    schedule.next_run_at = None
    if schedule.is_active:
        now = datetime.now(UTC)
        schedule.next_run_at = schedules.next_slot(schedule.cron, schedule.time_zone, now)
    schedule.save(update_fields=["next_run_at"])
    row = {
        "func": "runs.tasks.fire_schedule",
        "args": f"({schedule.pk},)",
        "schedule_type": QueueSchedule.ONCE,
        "intended_date_kwarg": "slot",
        "repeats": 1 if schedule.is_active else 0,
    }
    if schedule.next_run_at:
        row["next_run"] = schedule.next_run_at
    QueueSchedule.objects.update_or_create(name=_row_name(schedule.pk), defaults=row)


def disarm(schedule: Schedule | int) -> None:
    """Take a schedule's django-q2 row away; before the schedule is deleted."""
    pk = schedule.pk if isinstance(schedule, Schedule) else schedule
    QueueSchedule.objects.filter(name=_row_name(pk)).delete()


def install_own(using: str = DEFAULT_DB_ALIAS, **_kwargs: Any) -> None:
    """What testhub itself does regularly, as django-q2 schedules; after each migration.

    The watch is for clusters without `run_workers`, which has a clock for it.
    """
    for name, (func, cron) in OWN.items():
        row = {
            "func": func,
            "schedule_type": QueueSchedule.CRON,
            "cron": cron,
            "repeats": -1,
        }
        QueueSchedule.objects.using(using).update_or_create(name=name, defaults=row)


def fire_due_schedules() -> None:
    """One pass of django-q2's own scheduler."""
    scheduler(broker=queue.broker())


def fire_missed() -> None:
    """A slot whose message got lost still has its run; an active schedule without a next
    slot gets one."""
    missed = Q(next_run_at__lt=datetime.now(UTC) - schedules.MISSED_AFTER)
    wanted = Schedule.objects.filter(missed | Q(next_run_at=None), is_active=True)
    for schedule in wanted:
        try:
            if schedule.next_run_at is None:
                arm(schedule)
            else:
                fire_schedule(schedule.pk, schedule.next_run_at.isoformat())
        except Exception:  # one bad schedule must not hold up the others
            logger.exception("Schedule %s could not be fired.", schedule.pk)


def fire_schedule(schedule_id: int, slot: str) -> None:
    """Start the run of one slot, and set the schedule for its next one."""
    due_at = parse_datetime(slot)
    if due_at is None:
        raise ValueError(f"Slot {slot!r} of schedule {schedule_id} is not a time.")
    with transaction.atomic():
        # The lock makes two firings of a slot come one after the other.
        locked = Schedule.objects.select_for_update()
        schedule = locked.filter(pk=schedule_id, is_active=True).first()
        if schedule is None:
            disarm(schedule_id)
            return
        arm(schedule)
        if not schedule.owner.is_active:
            logger.warning("Schedule %s rests: its owner is disabled.", schedule_id)
        elif Run.objects.filter(schedule=schedule, slot=due_at).exists():
            logger.info("Slot %s of schedule %s has its run already.", slot, schedule_id)
        else:
            _take_slot(schedule, due_at)


def _take_slot(schedule: Schedule, slot: datetime) -> None:
    origin = Origin(trigger=Trigger.SCHEDULE, user=schedule.owner, schedule=schedule, slot=slot)
    try:
        with transaction.atomic():
            start_planned(schedule.plan, None, origin)
    except PlanError as error:
        Run.objects.create(
            schedule=schedule,
            slot=slot,
            title=schedule.plan.name,
            trigger=Trigger.SCHEDULE,
            user=schedule.owner,
            plan=schedule.plan,
            environment_name=schedule.plan.environment.name,
            status=RunStatus.LOST,
            message=str(error)[:500],
            finished_at=datetime.now(UTC),
        )


def _row_name(schedule_id: int) -> str:
    return f"testhub: schedule {schedule_id}"
