"""Long form: `/run_case` right after a run that was broken in every way there is."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.connections.house import MESSES, House, house_of
from tests.connections.killing import kill_connections
from tests.connections.test_run_case_afterwards import Caller
from tests.installation import wait_until
from tests.proof.table import Row
from tests.runs.laid_out import start_run, wait_for_end
from tests.runs.processes import kept, strike
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

N_CASES, N_CALLS, N_AFTER = 1_000, 400, 200


def test_run_case(row: Row, tmp_path: Path) -> None:
    """/run_case right after a run with messes, KILLs, dead processes, a dead MariaDB"""
    row.many = f"a run of {N_CASES:,} cases, then {N_CALLS} calls by four threads"
    size = {"WORKERS": 2, "THREADS": 20, "CASE_TIMEOUT_S": 5}
    with (
        MariaDB() as server,
        Target() as target,
        house_of(server, target, tmp_path, **size) as house,
        house.cluster.web() as url,
    ):
        house.lay_out(
            {"broken": functions(), "messes": MESSES, "after": ["session_state"] * N_AFTER}
        )
        caller = Caller(house, url)
        lookers, messes = caller.cases("after"), caller.cases("messes")
        assert caller.outcome(case_id=lookers[0]) == "passed"
        ended = broken_run(house)
        # Now, without a pause: calls for cases that look, and for some that make a mess in
        # the very thread of the web server that takes the next call.
        chosen = random.Random(1).choices(lookers * 9 + messes * 20, k=N_CALLS)
        with ThreadPoolExecutor(4) as aside:
            outcomes = list(aside.map(lambda pk: caller.outcome(case_id=pk), chosen))
        whole = caller.ask(module_id=caller.modules["after"], wait=120)
    looked = [o for pk, o in zip(chosen, outcomes, strict=True) if pk in lookers]
    made = [o for pk, o in zip(chosen, outcomes, strict=True) if pk in messes]
    row.seen += [
        f"the run: {ended['n_results']:,} results, {ended['n_different']:,} different",
        f"cases: {looked.count('passed')} of {len(looked)} right, between {len(made)} messes",
        f"a module: {whole['counts']['passed']} of {N_AFTER} right",
    ]
    assert ended["status"] == "finished"
    assert ended["n_results"] == N_CASES
    assert set(looked) == {"passed"}
    assert set(made) == {"passed", "error"}
    assert (whole["status"], whole["counts"]["passed"]) == ("finished", N_AFTER)


def functions() -> list[str]:
    """Of the cases of the run that is broken."""
    each = N_CASES // (2 * len(MESSES))
    made = list(MESSES) * each + ["use_connection_a_while"] * (N_CASES - each * len(MESSES))
    random.Random(2).shuffle(made)
    return made


def broken_run(house: House) -> dict[str, Any]:
    """One thing after another, each in the middle of what the one before it left."""
    house.target.clear()
    run_id = start_run(house.installation, "broken")
    breaks = [
        lambda: kill_connections(house.server),
        lambda: strike(house.cluster, "worker"),
        lambda: restart(house.server),
        lambda: strike(house.cluster, "cluster"),
        lambda: kill_connections(house.server),
    ]
    for number, break_it in enumerate(breaks, 1):
        enough = number * N_CASES // (2 * len(breaks))
        wait_until(lambda: len(house.target.requests) > enough, 120, house.cluster.log())
        wait_until(lambda: "qcluster" in kept(house.cluster), 40, "no cluster")
        break_it()
    return wait_for_end(house.installation, run_id, 200)


def restart(server: MariaDB) -> None:
    server.kill()
    server.start()
