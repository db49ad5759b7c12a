"""Long form: whatever is done to a cluster's processes, the keeper brings it back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation, wait_until
from tests.proof.table import Row
from tests.runs.laid_out import lay_out, start_run, wait_for_end
from tests.runs.processes import kept, strike
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

N_CASES, N_IDLE, WORKERS, THREADS = 1_000, 50, 2, 20
# A hang is found within 12 s of the keeper's own time (docs/explanation/execution.md); the
# run itself takes seconds.
WITHIN_S = 3 * 20 + 2


class House:
    """A cluster at work on MariaDB, and the two modules that it runs."""

    def __init__(self, server: MariaDB, target: Target, folder: Path) -> None:
        server.execute("CREATE DATABASE testhub CHARACTER SET utf8mb4")
        settings = {"WORKERS": WORKERS, "THREADS": THREADS, "CASE_TIMEOUT_S": 5}
        self.target = target
        self.installation = Installation(server.url("testhub"), folder, **settings)
        slow = {"module": "many", "url": "/slow/50?{number}"}
        lay_out(self.installation, target.url, N_CASES, **slow)
        lay_out(self.installation, target.url, N_IDLE, module="few")

    def run(self, module: str) -> int:
        self.target.clear()
        return start_run(self.installation, module)

    def settle(self) -> None:
        """Until the cluster is up again, or still."""
        wait_until(lambda: "qcluster" in kept(self.installation), 40, "no cluster")
        wait_until(self.installation.cluster_is_alive, 60, self.installation.log()[-3000:])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with MariaDB() as server, Target() as target:
        house = House(server, target, tmp_path_factory.mktemp("struck"))
        with house.installation.workers(WORKERS):
            yield house


@pytest.mark.parametrize(
    "victim", ["worker", "pusher", "monitor", "sentinel", "main", "cluster", "group"]
)
@pytest.mark.parametrize("when", ["idle", "at work"])
def test_struck(row: Row, house: House, victim: str, when: str) -> None:
    """kill -9 ({victim}) to a cluster that is {when}"""
    if victim == "group":
        row.done = f"SIGTERM to the whole process group of a cluster that is {when}"
    house.settle()
    if when == "idle":
        n_cases = N_IDLE
        strike(house.installation, victim)
        run_id = house.run("few")
    else:
        n_cases = N_CASES
        run_id = house.run("many")
        wait_until(lambda: len(house.target.requests) > N_CASES // 5, 60)
        strike(house.installation, victim)
    began = time.monotonic()
    row.many = f"{n_cases:,} cases, {WORKERS} x {THREADS} threads"
    ended = wait_for_end(house.installation, run_id, WITHIN_S)
    took_s = time.monotonic() - began
    n_asked = len(house.target.requests)
    row.seen += [
        f"{ended['n_results']:,} results, {ended['n_different']:,} different,"
        f" {n_asked - n_cases} sent again",
        f"ended {took_s:.0f} s later",
    ]
    assert ended["outcome"] == "passed", ended["counts"]
    assert ended["n_results"] == ended["counts"]["passed"] == n_cases
