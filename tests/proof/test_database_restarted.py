"""Long form: MariaDB goes away in mid-run and comes back; the run ends by itself."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.proof.table import Row
from tests.runs.test_outages import run_it
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

N_CASES, AWAY_S = 2_000, 2
SIZE = {"WORKERS": 2, "THREADS": 20, "CASE_TIMEOUT_S": 5}


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_mariadb_that_comes_back(row: Row, how: str, tmp_path: Path) -> None:
    """MariaDB {how} in mid-run, and started again"""
    row.many = f"{N_CASES:,} cases, 2 x 20 threads, {AWAY_S} s away"
    with MariaDB() as server, Target() as target:
        server.execute("CREATE DATABASE testhub CHARACTER SET utf8mb4")

        def go_away() -> None:
            server.stop() if how == "stopped" else server.kill()
            time.sleep(AWAY_S)
            server.start()

        installation = Installation(server.url("testhub"), tmp_path, **SIZE)
        ended = run_it(installation, target, go_away, N_CASES)
        n_asked = len(target.requests)
    row.seen += [
        f"{ended['n_results']:,} results, {ended['n_different']:,} different",
        f"{n_asked - N_CASES} sent again",
        f"over after {ended['took_s']:.0f} s",
    ]
