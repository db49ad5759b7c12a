"""KILL for the connections of a cluster, as an operator or a proxy would do it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from MySQLdb import OperationalError

from tests.servers import MariaDB

IDS = "SELECT id FROM information_schema.processlist WHERE user = 'cluster'"


def kill_connections(server: MariaDB) -> int:
    """KILL each connection that the cluster holds now; returns how many these were."""
    killed = 0
    for (connection_id,) in server.execute(IDS):
        with suppress(OperationalError):  # it was closed meanwhile
            server.execute(f"KILL {connection_id}")
            killed += 1
    return killed


@contextmanager
def killing(server: MariaDB, every_s: float) -> Iterator[list[int]]:
    """KILL all of them again and again during the block; gives how many, each time."""
    counts: list[int] = []
    done = threading.Event()

    def kill() -> None:
        while not done.wait(every_s):
            counts.append(kill_connections(server))

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield counts
    finally:
        done.set()
        killer.join()
