"""Long form: a case that kills every worker that runs it costs no other case its result."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.installation import Installation
from tests.proof.table import Row
from tests.runs.laid_out import lay_out, start_run, wait_for_end
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

N_CASES, WORKERS, THREADS = 500, 2, 20
SETTINGS = {"LEASE_S": 2, "WATCH_S": 1, "FUNCTION_MODULES": "tests.proof.deadly"}
MAKE_A_KILLER = """
from cases import specs
killers = Case.objects.filter(name="case 120")
[killer] = killers
killer.steps.update(url="/json?{{$die()}}")
specs.refresh(killers)
answer = killer.pk
"""
BROKEN = """
broken = Result.objects.filter(run=%d).exclude(outcome="passed")
answer = list(broken.values_list("case_id", "outcome", "message"))
"""


def test_a_killer_is_found(row: Row, tmp_path: Path) -> None:
    """One case kills every worker that runs it."""
    row.many = f"1 among {N_CASES} cases, {WORKERS} x {THREADS} threads"
    with MariaDB() as server, Target() as target:
        server.execute("CREATE DATABASE testhub CHARACTER SET utf8mb4")
        settings = SETTINGS | {"THREADS": THREADS}
        installation = Installation(server.url("testhub"), tmp_path, **settings)
        module = lay_out(installation, target.url, N_CASES)
        killer = installation.do(MAKE_A_KILLER)
        with installation.workers(WORKERS):
            run_id = start_run(installation, module)
            ended = wait_for_end(installation, run_id, 120)
        broken = installation.do(BROKEN % run_id)
    row.seen += [
        f"{ended['counts']['passed']} passed; {broken[0][1]}: {broken[0][2]}",
        f"over after {ended['took_s']:.0f} s",
    ]
    lost = "Worker lost: 5 workers died while they had this case's chunk."
    assert broken == [[killer, "error", lost]]
    assert (ended["status"], ended["counts"]["passed"]) == ("finished", N_CASES - 1)
