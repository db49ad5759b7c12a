"""Long form: after hundreds of runs a cluster has the threads and connections it began with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median_high
from time import sleep

import pytest

from tests.connections.held import as_cluster, held, prepare
from tests.installation import Installation
from tests.proof.crew import started_threads, threads_of
from tests.proof.table import Row
from tests.runs.laid_out import lay_out
from tests.runs.processes import kept
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

# Each run is one chunk for each worker, with a case for each of its threads: slow enough
# that all of them are wanted at once.
N_RUNS, WORKERS, THREADS = 200, 2, 20
N_CASES = WORKERS * THREADS
# One after another, in one process: a command for each run would be most of the time.
RUN = f"""
import time
from runs import tasks
from runs.execution.selection import Selection
module = Module.objects.get()
for _number in range({N_RUNS}):
    run = tasks.start_run(Selection(module_ids=(module.pk,)), trigger="command")
    ends_at = time.monotonic() + 60
    while run.is_open and time.monotonic() < ends_at:
        time.sleep(0.05)
        run.refresh_from_db()
answer = [
    Run.objects.filter(outcome="passed").count(),
    Result.objects.count(),
    list(Result.objects.order_by().values_list("pid", "thread").distinct()),
]
"""


def test_threads_and_connections_stay_what_they_were(row: Row, tmp_path: Path) -> None:
    """Runs one after another on the same cluster"""
    row.many = f"{N_RUNS} runs of {N_CASES} cases, {WORKERS} x {THREADS} threads"
    with MariaDB() as server, Target() as target:
        url = prepare(server)
        settings = {"WORKERS": WORKERS, "THREADS": THREADS, "CHUNK_SIZE": THREADS}
        outside = Installation(url, tmp_path, **settings)
        lay_out(outside, target.url, N_CASES, url="/slow/60?{number}")
        cluster = Installation(as_cluster(url), tmp_path, **settings)
        with cluster.workers(WORKERS), ThreadPoolExecutor(1) as aside:
            main = kept(cluster)["qcluster"]
            runs = aside.submit(outside.do, RUN, 600)
            threads, connections = [], []
            while not runs.done():
                threads.append(max(threads_of(main).values(), default=0))
                connections.append(held(server))
                sleep(0.25)
            sleep(1)  # the quiet second after which nothing may be left
            quiet = max(threads_of(main).values()), held(server)
        passed, n_results, names = runs.result()
    started = started_threads(cluster.log())
    first, last = (slice(len(threads) // 4), slice(-(len(threads) // 4), None))
    row.seen += [
        f"{passed} passed, {n_results:,} results",
        f"threads of a process {max(threads[first])} at first, {max(threads[last])} at last,"
        f" {quiet[0]} after a quiet second",
        f"the initializer ran {started} times",
        f"connections mostly {median_high(connections[first])} at first,"
        f" {median_high(connections[last])} at last, {quiet[1]} after a quiet second,"
        f" never more than {max(connections)}",
    ]
    assert (passed, n_results) == (N_RUNS, N_RUNS * N_CASES)
    assert set(started) == {THREADS}, "once a thread, in each process that has a crew"
    assert len(names) == sum(started), "every case ran in a thread of a crew"
    assert max(threads[last]) <= max(threads[first])
    # The crew, the main thread, and what libraries keep.
    assert max(*threads, quiet[0]) <= THREADS + 3
    # Mostly: the clock's connection comes and goes with each of its rounds.
    assert median_high(connections[last]) <= median_high(connections[first])
    assert max(*connections, quiet[1]) <= WORKERS + 3
