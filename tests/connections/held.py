"""How many connections a cluster holds: counted by the database user that it alone uses."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers import MariaDB

COUNT = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'cluster'"


def prepare(server: MariaDB) -> str:
    """A database and the cluster's user; returns the URL for everybody else."""
    server.execute("CREATE DATABASE testhub CHARACTER SET utf8mb4")
    server.execute("CREATE USER cluster@'127.0.0.1' IDENTIFIED BY 'cluster'")
    server.execute("GRANT ALL ON testhub.* TO cluster@'127.0.0.1'")
    return server.url("testhub")


def as_cluster(url: str) -> str:
    """The same database for the cluster's own user."""
    return url.replace("root@", "cluster:cluster@")


def held(server: MariaDB) -> int:
    """How many it holds now."""
    return int(server.execute(COUNT)[0][0])


@contextmanager
def counted(server: MariaDB) -> Iterator[list[int]]:
    """How many it holds during the block, asked again and again on one connection."""
    counts: list[int] = []
    done = threading.Event()

    def watch() -> None:
        connection = server.address.connect()
        cursor = connection.cursor()
        while not done.wait(0.005):
            cursor.execute(COUNT)
            counts.append(cursor.fetchone()[0])
        connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield counts
    finally:
        done.set()
        watcher.join()
