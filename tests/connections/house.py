"""What the proofs about connections share: cases that make a mess, cases that look."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from tests.installation import Installation
from tests.servers import MariaDB
from tests.target import Target

# A module `mess/NAME` holds one case that calls NAME and then 50 that look; `after` holds
# 50 that look, for the next run.
LOOKERS = 50
LAY_OUT = """
from cases import specs
environment = Environment.objects.create(name="target", base_url={url!r})
Tag.objects.create(name="locked")
LOOK = {{"source": "variable", "path": "state", "comparator": "equals", "expected": "clean"}}
OK = {{"source": "status", "comparator": "equals", "expected": 200}}

def case(module, name, function):
    case = Case.objects.create(
        module=module, name=name, variables=[["state", "{{{{$" + function + "()}}}}"]]
    )
    assertions = [OK, LOOK] if function == "session_state" else [OK]
    Step.objects.create(
        case=case, url="/status/200", params=[["state", "{{{{state}}}}"]],
        assertions=assertions,
    )

def module(name, messes):
    module = Module.objects.create(name=name, default_environment=environment)
    for number, mess in enumerate(messes):
        case(module, f"0 mess {{number}}", mess)
    for number in range({lookers}):
        case(module, f"1 look {{number:02}}", "session_state")

for name in {messes!r}:
    module(name, [name] * 2)
module("after", [])
specs.refresh(Case.objects.all())
answer = Case.objects.count()
"""
MESSES = (
    "leave_atomic_open",
    "fail_in_atomic",
    "switch_autocommit_off",
    "set_session_state",
    "lock_tables",
    "make_temporary_table",
    "leave_unread_rows",
    "keep_connection",
)
RUN = """
import time
from runs import tasks
from runs.execution.selection import Selection
module = Module.objects.get(name={module!r})
run = tasks.start_run(Selection(module_ids=(module.pk,)), trigger="command")
while run.is_open:
    time.sleep(0.05)
    run.refresh_from_db()
answer = [run.status, [[r.case_name, r.outcome, r.message, r.thread, r.pid]
    for r in run.results.order_by("case_name")]]
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One result."""

    name: str
    outcome: str
    message: str
    thread: str
    pid: int


@dataclass(frozen=True, slots=True)
class House:
    server: MariaDB
    installation: Installation
    target: Target

    def lay_out(self, messes: Sequence[str] = MESSES, lookers: int = LOOKERS) -> None:
        code = LAY_OUT.format(url=self.target.url, messes=messes, lookers=lookers)
        self.installation.do(code)

    def run(self, module: str) -> list[Found]:
        """Run a module through the cluster; its results by name."""
        status, rows = self.installation.do(RUN.format(module=module))
        assert status == "finished"
        return [Found(*row) for row in rows]

    def naive(self, *arguments: str) -> list[str]:
        """What the plain pool's cases found; `died` if not even the process survived."""
        process = self.installation.start(
            "-m",
            "tests.connections.naive",
            *arguments,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        text, _errors = process.communicate(timeout=60)
        return list(json.loads(text)) if process.returncode == 0 else ["died"]
