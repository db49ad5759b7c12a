"""One connection for several threads, or for a process and its parent."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from tests.connections.held import held
from tests.connections.house import House
from tests.runs.processes import started_by

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


def test_a_connection_kept_from_another_case_is_refused(house: House) -> None:
    """Django refuses it in another thread; in the same one it is closed and forgotten, so
    what it opens there is nobody else's."""
    house.run("keep_connection")
    house.lay_out({"use": ["use_kept_connection"] * 4})
    found = house.run("use")
    refused = [r for r in found if r.outcome == "error"]
    assert refused
    assert all("thread" in r.message for r in refused)
    assert [r for r in house.run("after") if r.outcome != "passed"] == []


def test_pool_threads_hold_no_connection(house: House) -> None:
    """After a run of cases that all used the ORM in their threads, the cluster holds what
    its processes hold: the worker, the pusher, the monitor, the clock."""
    house.run("after")
    assert held(house.server) <= 1 + 3


def test_no_two_processes_hold_the_same_connection(house: House) -> None:
    """A socket that was inherited over fork would be in the hands of two."""
    house.run("after")
    owners = owners_of_connections(house)
    assert owners
    assert {inode: pids for inode, pids in owners.items() if len(pids) > 1} == {}


def owners_of_connections(house: House) -> dict[str, set[int]]:
    """Socket to the database -> the cluster's processes that have it open."""
    port = f":{house.server.port:04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{line[9]}]" for line in lines if line[2].endswith(port)}
    owners: dict[str, set[int]] = {}
    for pid in started_by(house.installation):
        with suppress(FileNotFoundError):  # it has ended meanwhile
            for entry in Path(f"/proc/{pid}/fd").iterdir():
                if (link := os.readlink(entry)) in sockets:
                    owners.setdefault(link, set()).add(pid)
    return owners
