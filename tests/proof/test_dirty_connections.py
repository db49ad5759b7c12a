"""Long form: what a case does to its connection, no other case ever meets."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from tests.connections.house import MESSES, Found, House, house_of
from tests.connections.killing import kill_connections, killing
from tests.connections.test_dirty_connections import PLAIN_POOL
from tests.proof.table import Row
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

N_CASES, N_EACH, N_KILLED, N_AFTER = 5_000, 25, 2_000, 200
N_RUNS, N_GAPS = 20, 5
SIZE = {"WORKERS": 2, "THREADS": 20}
CREW = "2 x 20 threads"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with (
        MariaDB() as server,
        Target() as target,
        house_of(server, target, tmp_path_factory.mktemp("house"), **SIZE) as house,
    ):
        house.lay_out({"after": ["session_state"] * N_AFTER})
        yield house


def test_a_plain_pool(row: Row, house: House) -> None:
    """For comparison: the same messes in a plain pool with close_old_connections()"""
    n_later = N_CASES // 10
    row.many = f"{len(PLAIN_POOL)} messes, each with {n_later:,} later cases"
    broken = Counter[str]()
    for mess, *_texts in PLAIN_POOL:
        found = house.naive(mess, "--close", "--cases", str(n_later))
        broken[mess] = sum(answer != "clean" for answer in found)
    row.seen += [f"{mess}: {n:,} broken" for mess, n in broken.items()]
    for mess, _without, with_closing in PLAIN_POOL:
        assert broken[mess] == (0 if with_closing is None else n_later)


def test_messes_strewn_among_cases(row: Row, house: House) -> None:
    """Messes of every kind strewn among cases that look at what they find"""
    row.many = f"{N_CASES:,} lookers, {len(MESSES)} x {N_EACH} messes, {CREW}"
    functions = ["session_state"] * N_CASES + list(MESSES) * N_EACH
    random.Random(1).shuffle(functions)
    house.lay_out({"strewn": functions})
    looked = [r for r in house.run("strewn") if r.name.endswith(" session_state")]
    after = house.run("after")
    row.seen += [f"{_clean(looked):,} clean", f"{_clean(after)} of {N_AFTER} in the next run"]
    assert _clean(looked) == len(looked) == N_CASES, _first_broken(looked)
    assert _clean(after) == N_AFTER, _first_broken(after)
    assert house.server.execute("SELECT COUNT(*) FROM testhub.cases_tag") == [(1,)]


def test_a_connection_that_was_kept(row: Row, house: House) -> None:
    """Cases that use a connection that another case kept for them"""
    row.many = f"{N_CASES:,} cases, {CREW}"
    house.lay_out(
        {"keep": ["keep_connection"] * (N_CASES // 5), "use": ["use_kept_connection"] * N_CASES}
    )
    house.run("keep")
    found = house.run("use")
    after = house.run("after")
    refused = [r for r in found if r.outcome == "error" and "thread" in r.message]
    row.seen += [
        f"{len(refused):,} refused by Django",
        f"{_clean(found):,} on the thread it belongs to",
        f"{_clean(after)} of {N_AFTER} clean in the next run",
    ]
    assert len(refused) + _clean(found) == N_CASES, _first_broken(found)
    assert refused
    assert _clean(after) == N_AFTER, _first_broken(after)


def test_killed_between_runs(row: Row, house: House) -> None:
    """Every connection of the cluster KILLed between runs"""
    row.many = f"{N_RUNS} runs of {N_AFTER} cases, {CREW}"
    killed, found = 0, list[Found]()
    for _run in range(N_RUNS):
        killed += kill_connections(house.server)
        found += house.run("after")
    row.seen.append(f"{killed} killed, {_clean(found):,} of {len(found):,} clean")
    assert killed >= N_RUNS
    assert _clean(found) == len(found) == N_AFTER * N_RUNS, _first_broken(found)


def test_killed_during_cases(row: Row, house: House) -> None:
    """Every connection of the cluster KILLed during cases, again and again"""
    row.many = f"{N_KILLED:,} cases that use one, {CREW}"
    house.lay_out({"busy": ["use_connection_a_while"] * N_KILLED})
    with killing(house.server, every_s=1) as counts:
        found = house.run("busy")
    after = house.run("after")
    row.seen += [
        f"{sum(counts)} killed in {len(counts)} rounds",
        f"{len(found):,} results, {len(found) - _clean(found)} cases lost their connection",
        f"{_clean(after)} of {N_AFTER} clean in the next run",
    ]
    lost = [r for r in found if r.outcome != "passed"]
    assert len(found) == N_KILLED
    assert 0 < len(lost) <= sum(counts), "a killed connection was one case's at most"
    assert all("use_connection_a_while" in r.message for r in lost), _first_broken(lost)
    assert _clean(after) == N_AFTER, _first_broken(after)


def test_wait_timeout(row: Row, tmp_path: Path) -> None:
    """wait_timeout=1, and a rest of 2.5 s before each run"""
    row.many = f"{N_GAPS} runs of {N_AFTER} cases, {CREW}"
    with (
        MariaDB(wait_timeout=1) as server,
        Target() as target,
        house_of(server, target, tmp_path, **SIZE) as house,
    ):
        house.lay_out({"after": ["session_state"] * N_AFTER})
        found = list[Found]()
        for _gap in range(N_GAPS):
            sleep(2.5)  # longer than the server keeps an idle connection
            found += house.run("after")
        aborted = dict(server.execute("SHOW GLOBAL STATUS LIKE 'Aborted_clients'"))
    row.seen += [
        f"{_clean(found):,} of {len(found):,} clean",
        f"{aborted['Aborted_clients']} connections closed by the server",
    ]
    assert _clean(found) == len(found) == N_AFTER * N_GAPS, _first_broken(found)
    assert int(aborted["Aborted_clients"]) >= N_GAPS


def _clean(found: list[Found]) -> int:
    return sum(result.outcome == "passed" for result in found)


def _first_broken(found: list[Found]) -> Found | None:
    return next((result for result in found if result.outcome != "passed"), None)
