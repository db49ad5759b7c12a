"""The server closes connections under testhub: between cases, during cases, after a rest."""

from __future__ import annotations

import pytest

from tests.connections.house import House
from tests.connections.killing import kill_connections, killing

pytestmark = [pytest.mark.mariadb, pytest.mark.cluster]

N_CASES = 100


def test_connections_killed_between_runs_cost_nothing(house: House) -> None:
    for _run in range(3):
        assert kill_connections(house.server) >= 1
        found = house.run("after")
        assert [r for r in found if r.outcome != "passed"] == []


def test_a_connection_killed_during_a_case_costs_that_case_alone(house: House) -> None:
    """Each killed connection was one case's at most; the others know nothing of it."""
    house.lay_out({"busy": ["use_connection_a_while"] * N_CASES})
    with killing(house.server, every_s=0.7) as counts:
        found = house.run("busy")
    broken = [r for r in found if r.outcome != "passed"]
    assert len(found) == N_CASES
    assert 0 < len(broken) <= sum(counts)
    assert all("use_connection_a_while" in r.message for r in broken)
    assert [r for r in house.run("after") if r.outcome != "passed"] == []
