"""Connections are a function of processes, never of cases or threads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connections.held import as_cluster, counted, prepare
from tests.installation import Installation
from tests.runs.laid_out import lay_out
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.mariadb, pytest.mark.cluster]

WORKERS, THREADS, MOST = 2, 20, 12


@pytest.fixture
def server() -> Iterator[MariaDB]:
    with MariaDB(max_connections=MOST) as server:
        yield server


def test_a_plain_pool_runs_out_of_connections(server: MariaDB, tmp_path: Path) -> None:
    """(a) Without and (b) with `close_old_connections()` the same: each of 20 threads needs
    its own connection while its case lasts, so 1040 "Too many connections" at 12."""
    assert all("(1040" in said for said in crowd(server, tmp_path))


def test_a_cluster_holds_workers_plus_three_for_100_cases_and_for_1000(
    server: MariaDB, tmp_path: Path
) -> None:
    """`max_connections` 12, 2 workers x 20 threads: no 1040, and the same for ten times
    as many cases."""
    peaks, log = peaks_of(server, tmp_path, 100, 1_000)
    assert "(1040" not in log
    assert max(peaks) <= WORKERS + 3


def crowd(server: MariaDB, folder: Path) -> list[str]:
    """What 20 threads of a plain pool say, without and with `close_old_connections()`."""
    installation = Installation(as_cluster(prepare(server)), folder)
    naive = ("tests.connections.naive", "crowd", "--threads", str(THREADS))
    return [installation.run_module(*naive, *closing)[1] for closing in ((), ("--close",))]


def peaks_of(server: MariaDB, folder: Path, *sizes: int) -> tuple[list[int], str]:
    """The most connections that a cluster held in a run of each size; and its log."""
    url = prepare(server)
    settings = {"WORKERS": WORKERS, "THREADS": THREADS}
    outside = Installation(url, folder, **settings)
    cluster = Installation(as_cluster(url), folder, **settings)
    peaks = []
    with Target() as target, cluster.workers(WORKERS):
        for size in sizes:
            lay_out(outside, target.url, size, module=f"{size} cases", url="/status/200")
            with counted(server) as counts:
                outside.manage("run_cases", "--module", f"{size} cases")
            peaks.append(max(counts))
    return peaks, cluster.log()
