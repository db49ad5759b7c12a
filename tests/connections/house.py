"""What the proofs about connections share: cases that make a mess, cases that look."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.connections.held import as_cluster, prepare
from tests.installation import Installation
from tests.servers import MariaDB
from tests.target import Target

LOOKERS = 50
# Each case calls one function; `session_state` has to say "clean".
LAY_OUT = """
from cases import specs
environment, made = Environment.objects.get_or_create(
    name="target", defaults={{"base_url": {url!r}}}
)
if made:
    Tag.objects.create(name="locked")
LOOK = {{"source": "variable", "path": "state", "comparator": "equals", "expected": "clean"}}
OK = {{"source": "status", "comparator": "equals", "expected": 200}}
for name, functions in {modules!r}.items():
    module = Module.objects.create(name=name, default_environment=environment)
    Case.objects.bulk_create(
        Case(
            module=module, name=f"{{number:04}} {{function}}",
            variables=[["state", "{{{{$" + function + "()}}}}"]],
        )
        for number, function in enumerate(functions)
    )
    Step.objects.bulk_create(
        Step(
            case=case, url="/status/200", params=[["state", "{{{{state}}}}"]],
            assertions=[OK, LOOK] if case.name.endswith(" session_state") else [OK],
        )
        for case in module.cases.all()
    )
    specs.refresh(module.cases.all())
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
# For each mess two cases that make it and 50 that look; `after`, for the next run, looks.
MODULES = {
    **{mess: [mess] * 2 + ["session_state"] * LOOKERS for mess in MESSES},
    "after": ["session_state"] * LOOKERS,
}
RUN = """
import time
from runs import tasks
from runs.execution.selection import Selection
module = Module.objects.get(name={module!r})
run = tasks.start_run(Selection(module_ids=(module.pk,)), trigger="command")
ends_at = time.monotonic() + {within_s}
while run.is_open and time.monotonic() < ends_at:
    time.sleep(0.05)
    run.refresh_from_db()
chunks = run.chunks.values("seq", "status", "attempts", "sent_at", "lease_until", "claims")
answer = [run.status, list(chunks), [[r.case_name, r.outcome, r.message, r.thread, r.pid]
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
    """A cluster at work; `installation` asks it to, as another user of the database."""

    server: MariaDB
    installation: Installation
    cluster: Installation
    target: Target

    def lay_out(self, modules: Mapping[str, Sequence[str]]) -> None:
        """Make modules whose cases call these functions, in this order."""
        self.installation.do(LAY_OUT.format(url=self.target.url, modules=dict(modules)))

    def run(self, module: str) -> list[Found]:
        """Run a module through the cluster; its results by name."""
        # 5,000 cases take half a minute on a machine with nothing else to do.
        code = RUN.format(module=module, within_s=280)
        status, chunks, rows = self.installation.do(code, timeout_s=300)
        open_chunks = [chunk for chunk in chunks if chunk["status"] != "finished"]
        said = self.cluster.log()[-20_000:]
        assert status == "finished", f"{status}; {open_chunks}; the cluster said: {said}"
        return [Found(*row) for row in rows]

    def naive(self, *arguments: str) -> list[str]:
        """What the plain pool's cases found; `died` if not even the process survived."""
        code, text = self.installation.run_module("tests.connections.naive", *arguments)
        return list(json.loads(text.splitlines()[-1])) if code == 0 else ["died"]


@contextmanager
def house_of(
    server: MariaDB, target: Target, folder: Path, **settings: object
) -> Iterator[House]:
    """A house without cases whose cluster has WORKERS and THREADS as given."""
    url = prepare(server)
    settings["FUNCTION_MODULES"] = "tests.connections.functions"
    installation = Installation(url, folder, **settings)
    cluster = Installation(as_cluster(url), folder, **settings)
    with cluster.workers(int(str(settings["WORKERS"]))):
        yield House(server, installation, cluster, target)
