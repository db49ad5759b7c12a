"""Long form: whatever dies, however often, each result is on record once."""

from __future__ import annotations

import os
import random
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from tests.installation import Installation, wait_until
from tests.proof.table import Row
from tests.runs.laid_out import lay_out, start_run, state, wait_for_end
from tests.runs.processes import in_session, kept, sentinel, workers
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

N_CASES, N_DEATHS, WORKERS, THREADS = 5_000, 12, 2, 20


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_result_is_lost_or_doubled(row: Row, seed: int, tmp_path: Path) -> None:
    """Workers, sentinels, clusters and MariaDB die by SIGKILL in mid-run, draw {seed}"""
    row.many = f"{N_CASES:,} cases, {N_DEATHS} deaths, {WORKERS} x {THREADS} threads"
    chance = random.Random(seed)
    with MariaDB() as server, Target() as target:
        server.execute("CREATE DATABASE testhub CHARACTER SET utf8mb4")
        settings = {"THREADS": THREADS, "CHUNK_SIZE": 50, "CASE_TIMEOUT_S": 5}
        installation = Installation(server.url("testhub"), tmp_path, **settings)
        module = lay_out(installation, target.url, N_CASES, url="/slow/50?{number}")
        with installation.workers(WORKERS):
            run_id = start_run(installation, module)
            for death in range(N_DEATHS):
                begun = N_CASES * (death + 1) // (N_DEATHS + 2)
                wait_until(lambda: len(target.requests) > begun, 120, installation.log())
                victim = chance.choice(["worker", "sentinel", "cluster", "database"])
                kill(victim, installation, server)
            ended = wait_for_end(installation, run_id, 240)
        later = state(installation, run_id)
        asked = [asked.target for asked in target.requests]
    row.seen += [
        f"{ended['n_results']:,} results, {ended['n_different']:,} different,"
        f" {ended['counts']['passed']:,} passed",
        f"{len(asked) - len(set(asked))} sent again",
    ]
    assert (ended["status"], ended["outcome"]) == ("finished", "passed"), ended["counts"]
    assert ended["n_results"] == ended["counts"]["passed"] == N_CASES
    assert later == ended, "nothing is written after the end"
    assert len(set(asked)) == N_CASES


def kill(what: str, installation: Installation, server: MariaDB) -> None:
    if what == "database":
        server.kill()
        server.start()
        return
    wait_until(lambda: "qcluster" in kept(installation), 30, "no cluster is running")
    main = kept(installation)["qcluster"]
    with suppress(ProcessLookupError, ValueError):  # it is just being replaced
        if what == "cluster":
            victims = in_session(main)
        elif what == "sentinel":
            victims = {sentinel(main)}
        else:
            victims = {max(workers(main), key=lambda pid: len(os.listdir(f"/proc/{pid}/task")))}
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
