"""A case that kills every worker that runs it costs itself, and no other case its result."""

from __future__ import annotations

import pytest

from tests.installation import Installation
from tests.runs.laid_out import lay_out, start_run, wait_for_end
from tests.target import Target

pytestmark = pytest.mark.cluster

N_CASES = 40
SETTINGS = {
    "THREADS": 4,
    "CHUNK_SIZE": N_CASES,
    "LEASE_S": 2,
    "WATCH_S": 1,
    "FUNCTION_MODULES": "tests.runs.deadly",
}
MAKE_A_KILLER = """
from cases import specs
[killer] = Case.objects.filter(name="case 020")
killer.steps.update(url="/json?{{$die()}}")
specs.refresh(Case.objects.filter(pk=killer.pk))
answer = killer.pk
"""


def test_it_alone_ends_as_worker_lost(installation: Installation, served: Target) -> None:
    module = lay_out(installation, served.url, N_CASES)
    killer = installation.do(MAKE_A_KILLER)
    with installation.workers(1):
        run_id = start_run(installation, module)
        ended = wait_for_end(installation, run_id, 90)
    assert ended["status"] == "finished", installation.log()
    assert (ended["counts"]["passed"], ended["counts"]["error"]) == (N_CASES - 1, 1)
    lost = f"answer = list(Result.objects.filter(run={run_id}, outcome='error').values_list("
    assert installation.do(lost + "'case_id', 'message'))") == [
        [killer, "Worker lost: 5 workers died while they had this case's chunk."]
    ]
