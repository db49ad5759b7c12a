"""Long form: every slot of a schedule makes one run, whoever fires it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.proof.table import Row
from tests.runs.laid_out import lay_out
from tests.runs.slots import beside, fire, make_schedules
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

N_SCHEDULES, N_SLOTS, N_MESSAGES, N_CASES = 20, 5, 2, 3
N_DAYS, CHANGES = 10, ["2026-03-29", "2026-10-25"]
BERLIN, SHANGHAI = "Europe/Berlin", "Asia/Shanghai"
DOWN = """
from datetime import UTC, datetime, timedelta
from django_q.models import Schedule as QueueSchedule
from runs import schedules
rows = QueueSchedule.objects.filter(func="runs.tasks.fire_schedule")
now = datetime.now(UTC)
slot = schedules.next_slot("0 9 * * *", {zone!r}, now - timedelta(days=2))
assert slot < schedules.next_slot("0 9 * * *", {zone!r}, slot) < now
Schedule.objects.update(next_run_at=slot)
rows.update(next_run=slot)
answer = slot.isoformat()
"""
UP = """
import time
from datetime import UTC, datetime, timedelta
from django_q.models import OrmQ
ends_at = time.monotonic() + 60
ended = lambda: Run.objects.exists() and not Run.objects.open().exists()
while (not ended() or OrmQ.objects.exists()) and time.monotonic() < ends_at:
    time.sleep(0.1)
now = datetime.now(UTC)
soon = Schedule.objects.filter(next_run_at__gt=now, next_run_at__lt=now + timedelta(days=1))
answer = [[run.slot.isoformat() for run in Run.objects.all()], soon.count()]
"""
# Days pass as fast as slots are taken. The clock is that of the module that asks for it.
CHANGE = """
import datetime as time
from django_q.models import Schedule as QueueSchedule
from zoneinfo import ZoneInfo
from runs.tasks import arm, fire_schedule, timetable

class Clock(time.datetime):
    @classmethod
    def now(cls, tz=None):
        return here

timetable.datetime = Clock
schedule = Schedule.objects.get()
for change in {changes!r}:
    here = time.datetime.fromisoformat(change).replace(tzinfo=time.UTC)
    here -= time.timedelta(days={n_slots} // 2)
    arm(schedule)
    for _slot in range({n_slots}):
        row = QueueSchedule.objects.get(func="runs.tasks.fire_schedule")
        schedule.refresh_from_db()
        assert row.next_run == schedule.next_run_at, [row.next_run, schedule.next_run_at]
        here = row.next_run + time.timedelta(seconds=1)
        fire_schedule(schedule.pk, slot=row.next_run.isoformat())
slots = Run.objects.order_by("pk").values_list("slot", flat=True)
answer = [slot.astimezone(ZoneInfo({zone!r})).strftime("%Y-%m-%d %H:%M %z") for slot in slots]
"""


@pytest.fixture
def server() -> Iterator[MariaDB]:
    with MariaDB() as server:
        server.execute("CREATE DATABASE testhub CHARACTER SET utf8mb4")
        yield server


@pytest.fixture
def first(server: MariaDB, target: Target, tmp_path: Path) -> Installation:
    """With cases to run."""
    made = Installation(server.url("testhub"), tmp_path, WORKERS=1, THREADS=4)
    lay_out(made, target.url, N_CASES)
    return made


@pytest.fixture
def second(first: Installation) -> Installation:
    """Another cluster on the same database."""
    return beside(first)


def test_two_clusters(row: Row, first: Installation, second: Installation) -> None:
    """Two clusters on one database; the message of each slot comes two times more"""
    n = N_SCHEDULES * N_SLOTS
    row.many = f"{N_SCHEDULES} schedules x {N_SLOTS} slots of {N_CASES} cases"
    make_schedules(first, N_SCHEDULES, BERLIN)
    with first.workers(1), second.workers(1):
        found = fire(first, N_SLOTS, N_MESSAGES)
    n_runs, n_slots, n_passed, n_results = found
    row.seen.append(f"{n_runs} runs of {n_slots} slots, {n_passed} passed, {n_results} results")
    assert found == [n, n, n, n * N_CASES]


def test_a_cluster_that_was_down(row: Row, first: Installation, second: Installation) -> None:
    """Two clusters come up after they were down over two slots"""
    row.many = "1 schedule, 2 slots missed"
    make_schedules(first, 1, SHANGHAI)
    missed = first.do(DOWN.format(zone=SHANGHAI))
    with first.workers(1), second.workers(1):
        slots, n_armed = first.do(UP)
    row.seen.append(f"{len(slots)} run, of the first; the next slot is within a day")
    assert slots == [missed]
    assert n_armed == 1


@pytest.mark.parametrize("zone", [SHANGHAI, BERLIN])
def test_summer_time(row: Row, first: Installation, zone: str) -> None:
    """“0 9 * * *” in {zone} over both changes of Europe's clocks"""
    row.many = f"2 x {N_DAYS} days, MariaDB in +08:00"
    make_schedules(first, 1, zone)
    slots = first.do(CHANGE.format(zone=zone, changes=CHANGES, n_slots=N_DAYS))
    for half in (slots[:N_DAYS], slots[N_DAYS:]):
        row.seen.append(f"{len(half)} runs, {half[0]} to {half[-1]}")
        days = [date.fromisoformat(slot[:10]) for slot in half]
        assert days == [days[0] + timedelta(days=n) for n in range(N_DAYS)]
    assert {slot[11:16] for slot in slots} == {"09:00"}
    offsets = {slot[17:] for slot in slots}
    assert offsets == ({"+0800"} if zone == SHANGHAI else {"+0100", "+0200"})
