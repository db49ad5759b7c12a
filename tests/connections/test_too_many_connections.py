"""Connections are a function of processes, never of cases or threads."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.connections.house import prepare
from tests.installation import Installation
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.mariadb, pytest.mark.cluster]

WORKERS, THREADS, MOST = 2, 20, 12
LAY_OUT = """
from cases import specs
environment = Environment.objects.create(name="target", base_url={url!r})
for name, n_cases in [("few", 100), ("many", 1000)]:
    module = Module.objects.create(name=name, default_environment=environment)
    cases = Case.objects.bulk_create(
        Case(module=module, name=f"case {{n}}") for n in range(n_cases)
    )
    cases = Case.objects.filter(module=module)
    Step.objects.bulk_create(
        Step(case=case, url="/status/200",
            assertions=[{{"source": "status", "comparator": "equals", "expected": 200}}])
        for case in cases
    )
    specs.refresh(cases)
answer = True
"""
COUNT = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'cluster'"


def test_a_plain_pool_runs_out_of_connections(tmp_path: Path) -> None:
    """(a) Without and (b) with `close_old_connections()` the same: each of 20 threads needs
    its own connection while its case lasts, so 1040 "Too many connections" at 12."""
    with MariaDB(max_connections=MOST) as server:
        prepare(server)
        url = server.url("testhub").replace("root@", "cluster:cluster@")
        installation = Installation(url, tmp_path)
        for closing in ((), ("--close",)):
            process = installation.start(
                "-m", "tests.connections.naive", "crowd", "--threads", str(THREADS), *closing,
                stdout=subprocess.PIPE,
            )  # fmt: skip
            assert "(1040" in process.communicate(timeout=60)[0]


def test_a_cluster_holds_workers_plus_three_for_100_cases_and_for_1000(
    tmp_path: Path,
) -> None:
    """`max_connections` 12, 2 workers x 20 threads: no 1040, and the same for ten times
    as many cases. The cluster's connections are counted by their database user."""
    with MariaDB(max_connections=MOST) as server, Target() as target:
        url = prepare(server)
        settings = {"WORKERS": WORKERS, "THREADS": THREADS}
        outside = Installation(url, tmp_path, **settings)
        outside.do(LAY_OUT.format(url=target.url))
        own = url.replace("root@", "cluster:cluster@")
        cluster = Installation(own, tmp_path, **settings)
        with cluster.workers(WORKERS):
            peaks = []
            for module in ("few", "many"):
                with _peak(server) as counts:
                    outside.manage("run_cases", "--module", module)
                peaks.append(max(counts))
        assert "1040" not in cluster.log()
        assert max(peaks) <= WORKERS + 3


@contextmanager
def _peak(server: MariaDB) -> Iterator[list[int]]:
    """How many connections the cluster holds, asked again and again on one connection."""
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
