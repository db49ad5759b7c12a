"""Long form: whatever dies, however often, each result is on record once."""

from __future__ import annotations

import os
import random
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from tests.installation import Installation, wait_until
from tests.runs.laid_out import lay_out, start_run, state, wait_for_end
from tests.runs.processes import in_session, kept, sentinel, workers
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

N_CASES, N_DEATHS = 6_000, 12


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_result_is_lost_or_doubled(seed: int, tmp_path: Path) -> None:
    """Workers, sentinels, whole clusters and the database end by SIGKILL in mid-run."""
    chance = random.Random(seed)
    with MariaDB() as server, Target() as target:
        server.execute("CREATE DATABASE testhub")
        installation = Installation(
            server.url("testhub"), tmp_path, THREADS=10, CHUNK_SIZE=50, CASE_TIMEOUT_S=5
        )
        module = lay_out(installation, target.url, N_CASES, url="/slow/20?{number}")
        with installation.workers(2):
            run_id = start_run(installation, module)
            for death in range(N_DEATHS):
                begun = N_CASES * (death + 1) // (N_DEATHS + 2)
                wait_until(lambda: len(target.requests) > begun, 120, installation.log())
                kill(
                    chance.choice(["worker", "sentinel", "cluster", "database"]),
                    installation,
                    server,
                )
            ended = wait_for_end(installation, run_id, 240)
        assert (ended["status"], ended["outcome"]) == ("finished", "passed"), ended["counts"]
        assert ended["n_results"] == ended["counts"]["passed"] == N_CASES
        assert state(installation, run_id) == ended, "nothing is written after the end"
        assert len({asked.target for asked in target.requests}) == N_CASES


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
