"""One connection for several threads, or for a process and its parent."""

from __future__ import annotations

import pytest

from tests.connections.house import House

pytestmark = [pytest.mark.mariadb, pytest.mark.cluster]


@pytest.mark.parametrize("closing", [(), ("--close",)])
def test_a_plain_pool_that_shares_a_raw_connection_breaks(
    house: House, closing: tuple[str, ...]
) -> None:
    """With and without `close_old_connections()`, which knows nothing of raw connections:
    mysqlclient refuses ("already in use from another thread"), loses the order of packets,
    or takes the process with it."""
    found = house.naive("share", *closing)
    assert [answer for answer in found if answer != "clean"]


def test_a_parent_loses_the_connection_that_its_child_inherited(house: House) -> None:
    """(a) Without `close_old_connections()`: the child's goodbye ends the parent's session,
    2013 or 2006 in its next query. (b) With it: the parent notices and connects again."""
    [found] = house.naive("fork")
    assert found.startswith("OperationalError: (20")
    assert house.naive("fork", "--close") == ["clean"]


USE = """
from cases import specs
module = Module.objects.create(name="use", default_environment=Environment.objects.get())
for number in range(4):
    case = Case.objects.create(module=module, name=f"use {number}")
    Step.objects.create(case=case, url="/status/200",
        params=[["x", "{{$use_kept_connection()}}"]])
specs.refresh(Case.objects.filter(module=module))
answer = True
"""


def test_a_connection_kept_from_another_case_is_refused(house: House) -> None:
    """Django refuses it in another thread; in the same one it is closed and forgotten, so
    what it opens there is nobody else's."""
    house.run("keep_connection")
    house.installation.do(USE)
    found = house.run("use")
    refused = [r for r in found if r.outcome == "error"]
    assert refused
    assert all("thread" in r.message for r in refused)
    assert [r for r in house.run("after") if r.outcome != "passed"] == []


def test_pool_threads_hold_no_connection_and_children_inherit_none(house: House) -> None:
    """After a run of cases that all used the ORM in their threads, the cluster holds what
    its processes hold: the worker, the pusher, the monitor; each its own."""
    house.run("after")
    pids = {pid for (pid,) in house.server.execute(OPEN_PIDS)}
    assert len(pids) == house.server.execute(OPEN_COUNT)[0][0] <= 1 + 3


# A MySQL session does not know its client's process, but each has a number of its own.
OPEN_PIDS = "SELECT id FROM information_schema.processlist WHERE db = 'testhub'"
OPEN_COUNT = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = 'testhub'"
