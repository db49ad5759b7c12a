"""Schedules of an installation's own processes, whose slots come as often as a test likes."""

from __future__ import annotations

from tests.installation import Installation

SCHEDULES = """
from runs import tasks
plan = Plan.objects.create(name="nightly", environment=Environment.objects.get())
plan.modules.set(Module.objects.all())
owner = User.objects.create_user("owner")
for _number in range({n_schedules}):
    schedule = Schedule.objects.create(
        plan=plan, cron="0 9 * * *", time_zone={zone!r}, owner=owner
    )
    tasks.arm(schedule)
answer = Schedule.objects.count()
"""
# Not to wait for tomorrow: a slot was a moment ago, for all schedules. Then its message
# comes again, some times more than it should.
FIRE = """
import time
from datetime import UTC, datetime, timedelta
from django_q.models import OrmQ, Schedule as QueueSchedule
from django_q.tasks import async_task
rows = QueueSchedule.objects.filter(func="runs.tasks.fire_schedule")

def wait_for(true, what):
    ends_at = time.monotonic() + 60
    while not true():
        assert time.monotonic() < ends_at, what
        time.sleep(0.1)

for _slot in range({n_slots}):
    slot = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
    rows.update(next_run=slot, repeats=1)
    wait_for(lambda: rows.filter(next_run__gt=slot, repeats=1).count() == rows.count(), slot)
    for schedule in Schedule.objects.all():
        for _message in range({n_messages}):
            async_task("runs.tasks.fire_schedule", schedule.pk, slot=slot.isoformat())
    wait_for(lambda: not OrmQ.objects.exists() and not Run.objects.open().exists(), "runs end")
runs = Run.objects.exclude(schedule=None)
answer = [
    runs.count(), runs.values("schedule", "slot").distinct().count(),
    runs.filter(outcome="passed").count(), Result.objects.count(),
]
"""


def make_schedules(installation: Installation, n_schedules: int, zone: str) -> None:
    """Of one plan with all modules; each is due at nine."""
    code = SCHEDULES.format(n_schedules=n_schedules, zone=zone)
    assert installation.do(code) == n_schedules


def fire(installation: Installation, n_slots: int, n_messages: int) -> list[int]:
    """Let slots come, one after another, and the message of each `n_messages` times more.

    Returns how many runs there are, of how many slots, how many passed; and the results.
    """
    code = FIRE.format(n_slots=n_slots, n_messages=n_messages)
    return list(installation.do(code, 400))


def beside(first: Installation) -> Installation:
    """Another cluster on the same database."""
    folder = first.folder / "beside"
    folder.mkdir()
    return Installation(first.environment["DATABASE_URL"], folder, WORKERS=1, THREADS=4)
