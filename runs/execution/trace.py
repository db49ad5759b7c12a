"""Where one claim of a chunk was carried out: process, threads, database connections, and
the connections that its cases left open.

It costs no query: it travels with the writes that a claim makes anyway.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable
from typing import Any

from runs.connections import LeftOpen, connection_number
from runs.execution.work import Landed, Work
from runs.models import Chunk

HOST = socket.gethostname()[:100]
# Of one chunk, the last so many are kept.
MOST_CLAIMS = 50
# Of one claim, the first so many are named; all are counted.
MOST_NAMED = 20


class Trace:
    """One claim as it stands in `Chunk.claims`, growing."""

    def __init__(self, chunk: Chunk) -> None:
        self._before = chunk.claims[1 - MOST_CLAIMS :]
        self._began_at = time.time()
        self._connections: dict[int, None] = {}  # in the order of their use
        self._threads: set[str] = set()
        self._n_results = 0
        self._left_open: list[dict[str, Any]] = []

    def left_open(self, work: Work, left: LeftOpen) -> None:
        """A case left this connection in a transaction. From any thread: appending is one
        step, counting is not."""
        self._left_open.append(
            {
                "case_id": work.case_id,
                "case": work.spec.path,
                "alias": left.alias,
                "connection": left.number,
            }
        )

    def written(self, batch: Iterable[Landed]) -> None:
        """These results are on record."""
        for landed in batch:
            self._n_results += 1
            self._threads.add(landed.thread)

    def claims(self, batch: Iterable[Landed] = (), ended: str = "") -> list[dict[str, Any]]:
        """The chunk's claims with this one, as it will be once `batch` is on record.

        Asked while the write is under way: its connection is the one that writes.
        """
        number = connection_number()
        if number is not None:
            self._connections[number] = None
        batch = list(batch)
        own = {
            "host": HOST,
            "pid": os.getpid(),
            "began_at": self._began_at,
            "connections": list(self._connections),
            "threads": sorted(self._threads | {landed.thread for landed in batch}),
            "n_results": self._n_results + len(batch),
            "n_left_open": len(self._left_open),
            "left_open": self._left_open[:MOST_NAMED],
            "ended": ended,
        }
        return [*self._before, own]
