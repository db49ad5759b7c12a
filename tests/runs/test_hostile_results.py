"""Results that no table takes as they are, among others that are as they should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.installation import Installation
from tests.runs.laid_out import lay_out, start_run, wait_for_end
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.mariadb, pytest.mark.cluster]

PACKET = 1024 * 1024
# Bodies are kept up to 256 KiB, so it takes many to fill a packet; these cannot be
# compressed.
HOSTILE = {
    "over-long text": (["/big?bytes=3000000"], {"source": "body"}),
    "lone surrogates": (["/half-a-character"], {"source": "json", "path": "$.text"}),
    "a record larger than max_allowed_packet": (
        ["/random?bytes=250000"] * 8,
        {"source": "status"},
    ),
}
ADD = """
from cases import specs
module = Module.objects.get(name={module!r})
for name, (urls, source) in {hostile!r}.items():
    case = Case.objects.create(module=module, name=name)
    for position, url in enumerate(urls):
        last = position == len(urls) - 1
        wrong = {{**source, "comparator": "equals", "expected": "something else"}}
        Step.objects.create(case=case, position=position, url=url, assertions=[wrong] * last)
answer = specs.refresh_below([module])
"""
FOUND = """
results = Run.objects.get(pk={run_id}).results
answer = [
    [[r.case_name, r.outcome, r.message] for r in results.filter(case_name__in={names!r})],
    results.exclude(case_name__in={names!r}).filter(outcome="passed").count(),
]
"""
N_CASES = 30


def test_each_hostile_result_is_recorded_and_so_are_the_others(tmp_path: Path) -> None:
    found, n_passed = record(list(HOSTILE), N_CASES, tmp_path)
    assert n_passed == N_CASES - len(HOSTILE)
    for kind in HOSTILE:
        outcome, message = found[kind]
        assert (outcome, is_refused(message)) == expected(kind), message


def expected(kind: str) -> tuple[str, bool]:
    """Its outcome, and whether the record says that it could not be stored: texts are
    made storable, what no packet can carry is not kept."""
    return ("error", True) if "packet" in kind else ("failed", False)


def is_refused(message: str) -> bool:
    return message.startswith("Result could not be stored: ")


def record(
    kinds: list[str], n_cases: int, folder: Path
) -> tuple[dict[str, tuple[str, str]], int]:
    """Run hostile cases among others, in one chunk: what became of each kind (outcome and
    message), and how many of the others passed."""
    with MariaDB(max_allowed_packet=PACKET) as server, Target() as target:
        server.execute("CREATE DATABASE testhub CHARACTER SET utf8mb4")
        installation = Installation(
            server.url("testhub"), folder, WORKERS=1, THREADS=4, CHUNK_SIZE=n_cases
        )
        module = lay_out(installation, target.url, n_cases - len(kinds))
        hostile = {kind: HOSTILE[kind] for kind in kinds}
        installation.do(ADD.format(module=module, hostile=hostile))
        with installation.workers(1):
            run_id = start_run(installation, module)
            assert wait_for_end(installation, run_id, 60)["n_results"] == n_cases
        bad, n_passed = installation.do(FOUND.format(run_id=run_id, names=kinds))
        return {name: (outcome, message) for name, outcome, message in bad}, n_passed
