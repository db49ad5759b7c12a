"""Cases for an installation's own processes, and what became of their runs."""

from __future__ import annotations

import re
from typing import Any

from tests.installation import Installation

CASES = """
from cases import specs
module, _made = Module.objects.get_or_create(name={module!r})
module.default_environment, _made = Environment.objects.get_or_create(
    name="target", defaults={{"base_url": {base_url!r}}}
)
module.save()
Case.objects.bulk_create(
    Case(module=module, name=f"case {{number:03}}") for number in range({n_cases})
)
Step.objects.bulk_create(
    Step(
        case=case, url={url!r}.format(number=number),
        assertions=[{{"source": "status", "comparator": "equals", "expected": 200}}],
    )
    for number, case in enumerate(Case.objects.filter(module=module).order_by("pk"))
)
answer = specs.refresh_below([module])
"""
# Waits inside: a process for each question would cost more than what it waits for.
STATE = """
import time
ends_at = time.monotonic() + {wait_s}
run = Run.objects.get(pk={run_id})
while run.is_open and time.monotonic() < ends_at:
    time.sleep(0.1)
    run.refresh_from_db()
took = run.finished_at and (run.finished_at - run.created_at).total_seconds()
answer = {{
    "status": run.status, "took_s": took, "outcome": run.outcome, "n_total": run.n_total,
    "n_done": sum(run.counts().values()), "counts": run.counts(),
    "n_results": run.results.count(),
    "n_different": run.results.values("case_id", "row_no").distinct().count(),
    "n_attempts": Attempt.objects.filter(result__run=run).count(),
    "n_tries": sum(run.results.values_list("n_attempts", flat=True)),
    "n_on_retry": run.counts_and_retried()[1],
    "chunks": list(run.chunks.values_list("status", flat=True)),
    "pids": list(run.results.order_by().values_list("pid", flat=True).distinct()),
}}
"""


def lay_out(installation: Installation, base_url: str, n_cases: int, **options: str) -> str:
    """Make a module of cases; returns its name. `url` may hold `{number}`."""
    name = options.get("module", "shop")
    url = options.get("url", "/json?{number}")
    code = CASES.format(module=name, base_url=base_url, n_cases=n_cases, url=url)
    assert installation.do(code) == n_cases
    return name


def start_run(installation: Installation, module: str) -> int:
    """Through the command; returns the run's number."""
    said = installation.manage("run_cases", "--module", module, "--no-wait")
    started = re.search(r"^Run (\d+) was started\.$", said, re.MULTILINE)
    assert started, said
    return int(started[1])


def state(installation: Installation, run_id: int, wait_s: float = 0) -> dict[str, Any]:
    """How a run is doing, now or when it has ended."""
    return _consistent(installation.do(STATE.format(run_id=run_id, wait_s=wait_s)))


def wait_for_end(installation: Installation, run_id: int, within_s: float) -> dict[str, Any]:
    return _ended(state(installation, run_id, within_s))


def run_through(installation: Installation, module: str, within_s: float) -> dict[str, Any]:
    """`start_run` and `wait_for_end` at the price of one process."""
    start = f"call_command('run_cases', '--module', {module!r}, '--no-wait')"
    wait = STATE.format(run_id="Run.objects.latest('pk').pk", wait_s=within_s)
    code = f"from django.core.management import call_command\n{start}\n{wait}"
    return _ended(_consistent(installation.do(code)))


def _consistent(found: dict[str, Any]) -> dict[str, Any]:
    assert found["n_done"] == found["n_results"], "counters equal the rows at every moment"
    assert found["n_results"] == found["n_different"], "each result stands once"
    assert found["n_attempts"] == found["n_tries"], "and each of its attempts"
    return found


def _ended(found: dict[str, Any]) -> dict[str, Any]:
    assert found["status"] not in ("queued", "running"), f"the run did not end: {found}"
    return found
