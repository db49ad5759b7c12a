"""The main job through real workers: commands, schedules, large runs beside small ones."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.installation import Installation, wait_until
from tests.runs.laid_out import lay_out, wait_for_end
from tests.target import Target

pytestmark = [pytest.mark.cluster, pytest.mark.store]

SETTINGS = {"THREADS": 4, "CHUNK_SIZE": 10, "CASE_TIMEOUT_S": 5}
LARGE_THEN_SMALL = """
from runs import tasks
from runs.execution.selection import Selection
answer = [
    tasks.start_run(Selection(module_ids=(module.pk,)), trigger="command").pk
    for module in (Module.objects.get(name="many"), Module.objects.get(name="few"))
]
"""
ARM = """
from datetime import UTC, datetime, timedelta
from django_q.models import Schedule as QueueSchedule
from runs import tasks
plan = Plan.objects.create(name="nightly", environment=Environment.objects.get())
plan.modules.set([Module.objects.get(name="few")])
owner = User.objects.create_user("owner")
schedule = Schedule.objects.create(
    plan=plan, cron="30 7 * * *", time_zone="Asia/Shanghai", owner=owner
)
tasks.arm(schedule)
# Not to wait for tomorrow: the slot was a moment ago.
slot = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
name = f"testhub: schedule {schedule.pk}"
QueueSchedule.objects.filter(name=name).update(next_run=slot)
answer = slot.isoformat()
"""
FIRED = """
import time
ends_at = time.monotonic() + 30
while not Schedule.objects.get().runs.exists() and time.monotonic() < ends_at:
    time.sleep(0.1)
from django_q.models import Schedule as QueueSchedule
schedule = Schedule.objects.get()
row = QueueSchedule.objects.get(name=f"testhub: schedule {schedule.pk}")
answer = {
    "runs": [[r.pk, r.slot.isoformat(), r.trigger, r.user.username] for r in
             schedule.runs.select_related("user")],
    "armed": row.repeats == 1 and row.next_run == schedule.next_run_at,
}
"""


@pytest.fixture(scope="module")
def running(installation: Installation, served: Target) -> Iterator[Installation]:
    lay_out(installation, served.url, 3, module="few")
    lay_out(installation, served.url, 400, module="many", url="/slow/50?{number}")
    lay_out(installation, served.url, 400, module="long", url="/slow/500?{number}")
    with installation.workers(2):
        yield installation


def test_the_command_waits_for_the_record_and_writes_it(running: Installation) -> None:
    file = running.folder / "record.json"
    said = running.manage("run_cases", "--module", "few", "--json", str(file))
    assert "3 passed" in said
    record = json.loads(file.read_text())
    assert (record["outcome"], record["n_done"], len(record["results"])) == ("passed", 3, 3)


def test_a_small_run_does_not_wait_for_a_large_one(running: Installation) -> None:
    large, small = running.do(LARGE_THEN_SMALL)
    assert wait_for_end(running, small, 30)["counts"]["passed"] == 3
    assert wait_for_end(running, large, 90)["counts"]["passed"] == 400
    in_order = "answer = list(Run.objects.filter(pk__in={}).order_by('finished_at')"
    finished = running.do(in_order.format([large, small]) + ".values_list('pk', flat=True))")
    assert finished == [small, large]


def test_a_large_run_that_a_task_plans_runs_too(running: Installation) -> None:
    run_id = running.do(
        "from runs import tasks\nfrom runs.tasks import starting\n"
        "from runs.execution.selection import Selection\nstarting.PLANNED_AT_ONCE = 2\n"
        "run = tasks.start_run(Selection(module_ids=(Module.objects.get(name='few').pk,)),"
        " trigger='command')\n"
        "assert run.planned_at is None\n"
        "answer = run.pk"
    )
    assert wait_for_end(running, run_id, 30)["counts"]["passed"] == 3


def test_a_schedule_that_is_due_makes_one_run(running: Installation) -> None:
    slot = running.do(ARM)
    [[run_id, its_slot, trigger, user]] = running.do(FIRED)["runs"]
    assert (its_slot, trigger, user) == (slot, "schedule", "owner")
    assert wait_for_end(running, run_id, 30)["counts"]["passed"] == 3
    fired = running.do(FIRED)
    assert fired["armed"], "the next slot is set"
    assert len(fired["runs"]) == 1


def test_ctrl_c_cancels_the_run(running: Installation, target: Target) -> None:
    command = running.start(
        *("manage.py", "run_cases", "--module", "long"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    wait_until(lambda: len(target.requests) > 10, 30)
    command.send_signal(signal.SIGINT)
    began = time.monotonic()
    said, _nothing = command.communicate(timeout=30)
    assert command.returncode == 3
    assert time.monotonic() - began < 3 * 2 + 2
    assert "cancelled" in said
    assert "Traceback" not in said
    assert len(target.requests) < 400
