"""Everything django-q2 sees, and everything that starts a run.

Three rules: only primary keys cross the queue; a hint is sent after commit; every task
may arrive twice, or never (the watch sends it again).
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django_q.brokers import Broker, get_broker
from django_q.models import Schedule as QueueSchedule
from django_q.scheduler import scheduler
from django_q.tasks import async_task

from cases.models import Environment, User
from runs import schedules
from runs.choices import RunStatus, Trigger
from runs.execution import inline, plan
from runs.execution import watch as watching
from runs.execution.chunk import run_chunk as execute_chunk
from runs.execution.dispatch import dispatch
from runs.execution.plan import Options, Origin
from runs.execution.pool import crew_of_this_process
from runs.execution.selection import PlanError, Selection, default_environment
from runs.models import ApiToken, Plan, Run, Schedule

logger = logging.getLogger(__name__)

# Up to this many cases are planned where they are started, more by a task.
PLANNED_AT_ONCE = 2_000
WATCH_NAME = "testhub: watch"


# --- starting ---------------------------------------------------------------------------


def start_run(
    selection: Selection,
    *,
    trigger: Trigger,
    environment: Environment | None = None,
    user: User | None = None,
    token: ApiToken | None = None,
    idempotency_key: str | None = None,
    options: Options | None = None,
) -> Run:
    """Put a run on record and hand it to the workers.

    Without an environment the modules' default is taken. Raises `PlanError`.
    """
    origin = Origin(trigger=trigger, user=user, token=token, idempotency_key=idempotency_key)
    return _start(selection, environment, origin, options or Options())


def start_plan(
    saved: Plan,
    *,
    trigger: Trigger,
    environment: Environment | None = None,
    user: User | None = None,
    token: ApiToken | None = None,
) -> Run:
    """`start_run` for a saved plan, in its environment unless another is given."""
    origin = Origin(trigger=trigger, user=user, token=token)
    return _start_plan(saved, environment, origin)


def run_now(
    selection: Selection,
    *,
    trigger: Trigger,
    environment: Environment | None = None,
    user: User | None = None,
    token: ApiToken | None = None,
    idempotency_key: str | None = None,
) -> Run:
    """Execute a selection here and now, in this thread, and return the ended run.

    What does not fit into CHUNK_BUDGET_S goes on in the workers. Raises `PlanError`.
    """
    environment = environment or default_environment(selection)
    origin = Origin(trigger=trigger, user=user, token=token, idempotency_key=idempotency_key)
    with transaction.atomic():
        run = plan.create_run(selection, environment, origin, Options())
        plan.plan_run(run.pk)
        inline.reserve(run)
    send(inline.run_inline(run))
    run.refresh_from_db()
    return run


def settle(run: Run) -> None:
    """Move a run on after its state was changed: after `Run.cancel()`."""
    _send_on_commit(dispatch(run.pk))


def watch(run_id: int | None = None) -> None:
    """Look after open runs, or one, and after the schedules. Cheap; call it freely."""
    due = watching.watch(run_id)
    _send_on_commit(due.chunks)
    for pk in due.runs_to_plan:
        transaction.on_commit(partial(_enqueue, "runs.tasks.plan_run", pk))
    if run_id is None:
        _fire_missed()


def _start(
    selection: Selection,
    environment: Environment | None,
    origin: Origin,
    options: Options,
) -> Run:
    environment = environment or default_environment(selection)
    with transaction.atomic():
        run = plan.create_run(selection, environment, origin, options)
        n_cases = selection.cases()[: PLANNED_AT_ONCE + 1].count()
        if n_cases > PLANNED_AT_ONCE:
            transaction.on_commit(partial(_enqueue, "runs.tasks.plan_run", run.pk))
        else:
            plan.plan_run(run.pk)
            _send_on_commit(dispatch(run.pk))
    run.refresh_from_db()
    return run


def _start_plan(saved: Plan, environment: Environment | None, origin: Origin) -> Run:
    return _start(
        Selection.of_plan(saved),
        environment or saved.environment,
        origin,
        Options.of_plan(saved),
    )


# --- what workers are asked to do ---------------------------------------------------------


def plan_run(run_id: int) -> None:
    """Write a large run's chunks, then send the first of them."""
    plan.plan_run(run_id)
    _send_on_commit(dispatch(run_id))


def run_chunk(chunk_id: int) -> None:
    """Execute one chunk, or as much of it as one claim allows."""
    send(
        execute_chunk(
            chunk_id, crew_of_this_process(settings.THREADS), lease_s=settings.LEASE_S
        )
    )


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
            _start_plan(schedule.plan, None, origin)
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


# --- schedules ------------------------------------------------------------------------------


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


def install_watch(**_kwargs: Any) -> None:
    """The watch as a django-q2 schedule, for clusters without `run_workers`."""
    row = {
        "func": "runs.tasks.watch",
        "schedule_type": QueueSchedule.CRON,
        "cron": "* * * * *",
        "repeats": -1,
    }
    QueueSchedule.objects.update_or_create(name=WATCH_NAME, defaults=row)


def fire_due_schedules() -> None:
    """One pass of django-q2's own scheduler."""
    scheduler(broker=_broker())


def _fire_missed() -> None:
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


def _row_name(schedule_id: int) -> str:
    return f"testhub: schedule {schedule_id}"


# --- the queue --------------------------------------------------------------------------------


def send(chunk_ids: list[int]) -> None:
    """Tell the workers that these chunks may be ready."""
    for chunk_id in chunk_ids:
        _enqueue("runs.tasks.run_chunk", chunk_id)


def _send_on_commit(chunk_ids: list[int]) -> None:
    if chunk_ids:
        transaction.on_commit(partial(send, chunk_ids))


def _enqueue(name: str, pk: int) -> None:
    try:
        async_task(
            name,
            pk,
            cluster=settings.Q_CLUSTER["name"],
            broker=_broker(),
            save=False,
            ack_failure=True,
            timeout=settings.Q_CLUSTER["timeout"],
        )
    except Exception:  # the broker is away: the watch sends the hint again
        logger.exception("The hint %s(%s) could not be sent.", name, pk)


def _broker() -> Broker:
    return _broker_of(os.getpid())


@lru_cache(maxsize=1)
def _broker_of(_pid: int) -> Broker:
    # Shared: asking for one each time opens a Redis connection each time. By process:
    # a socket must not be inherited over fork.
    return get_broker(settings.Q_CLUSTER["name"])
