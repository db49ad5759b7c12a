"""The database or the queue goes away in mid-run: the run ends, each result once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation, wait_until
from tests.runs.laid_out import lay_out, start_run, wait_for_end
from tests.servers import MariaDB, RedisServer
from tests.target import Target

pytestmark = pytest.mark.cluster

N_CASES = 200
FEW = {"WORKERS": 2, "THREADS": 4, "CHUNK_SIZE": 20, "CASE_TIMEOUT_S": 5}


def run_it(
    installation: Installation,
    target: Target,
    go_away: Callable[[], Any],
    n_cases: int = N_CASES,
) -> dict[str, Any]:
    """Start a run, take something away in the middle of it, see it end well."""
    lay_out(installation, target.url, n_cases, url="/slow/30?{number}")
    with installation.workers(2):
        target.clear()
        run_id = start_run(installation, "shop")
        wait_until(lambda: len(target.requests) > n_cases // 5, 60)
        go_away()
        ended = wait_for_end(installation, run_id, 90)
    assert (ended["status"], ended["outcome"]) == ("finished", "passed")
    assert ended["n_results"] == ended["counts"]["passed"] == n_cases
    assert len({asked.target for asked in target.requests}) == n_cases
    return ended


def test_a_mariadb_that_is_killed_and_comes_back(
    tmp_path: Path, target: Target, own_mariadb: Callable[..., MariaDB]
) -> None:
    server = own_mariadb()
    server.execute("CREATE DATABASE testhub CHARACTER SET utf8mb4")

    def power_cut() -> None:
        server.kill()
        server.start()

    run_it(Installation(server.url("testhub"), tmp_path, **FEW), target, power_cut)


@pytest.mark.redis
def test_a_redis_that_forgets_its_hints_or_is_away(tmp_path: Path, target: Target) -> None:
    if reason := RedisServer.missing():
        pytest.skip(reason)
    with RedisServer() as server:
        url = f"sqlite:///{tmp_path}/store.sqlite3"
        installation = Installation(url, tmp_path, BROKER_URL=server.url, **FEW)
        run_it(installation, target, server.client.flushall)
        server.stop()
        run_id = start_run(installation, "shop")  # on record, though no hint can be sent
        server.start()
        with installation.workers(2):
            ended = wait_for_end(installation, run_id, 60)
    assert ended["counts"]["passed"] == N_CASES
