"""Long form: connections and threads are what they are, however many cases there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connections.test_too_many_connections import (
    MOST,
    THREADS,
    WORKERS,
    crowd,
    peaks_of,
)
from tests.proof.crew import started_threads
from tests.proof.table import Row
from tests.servers import MariaDB

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

SIZES = (100, 5_000)


def test_a_plain_pool(row: Row, tmp_path: Path) -> None:
    """For comparison: a plain pool with the ORM in its threads"""
    row.many = f"{THREADS} threads, max_connections {MOST}"
    with MariaDB(max_connections=MOST) as server:
        refused = ["(1040" in said for said in crowd(server, tmp_path)]
    row.seen.append(
        "1040 “Too many connections” without close_old_connections(): {}, with it: {}".format(
            *("yes" if r else "no" for r in refused)
        )
    )
    assert all(refused)


def test_testhub(row: Row, tmp_path: Path) -> None:
    """Plain cases, counting connections and threads"""
    row.many = f"{SIZES[-1]:,} cases, {WORKERS} x {THREADS} threads, max_connections {MOST}"
    with MariaDB(max_connections=MOST) as server:
        peaks, log = peaks_of(server, tmp_path, *SIZES)
    for size, peak in zip(SIZES, peaks, strict=True):
        row.seen.append(f"{peak} connections at most for {size:,} cases")
    started = started_threads(log)
    row.seen.append(f"{sum(started)} pool threads in {len(started)} processes")
    row.seen.append(f"{log.count('(1040')} times 1040")
    assert max(peaks) <= WORKERS + 3
    assert max(started) <= THREADS
    assert "(1040" not in log
