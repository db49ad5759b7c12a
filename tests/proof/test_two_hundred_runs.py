"""Long form: after hundreds of runs a cluster has the threads and connections it began with."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from time import sleep

import pytest

from tests.connections.house import prepare
from tests.installation import Installation
from tests.runs.laid_out import lay_out
from tests.runs.processes import kept, workers
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

N_RUNS, N_CASES, WORKERS, THREADS = 200, 20, 2, 20
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
answer = [Run.objects.filter(outcome="passed").count(), Result.objects.count()]
"""
DJANGO = (
    "import django; django.setup()\nfrom cases.models import *; from runs.models import *\n"
)
EXPECTED = [N_RUNS, N_RUNS * N_CASES]
COUNT = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'cluster'"


def test_threads_and_connections_stay_what_they_were(tmp_path: Path) -> None:
    with MariaDB() as server, Target() as target:
        url = prepare(server)
        outside = Installation(url, tmp_path)
        lay_out(outside, target.url, N_CASES)
        settings = {"WORKERS": WORKERS, "THREADS": THREADS}
        own = url.replace("root@", "cluster:cluster@")
        cluster = Installation(own, tmp_path, **settings)
        with cluster.workers(WORKERS):
            main = kept(cluster)["qcluster"]
            runs = outside.start("-c", f"{DJANGO}{RUN}assert answer == {EXPECTED}, answer")
            threads = sampled(runs, lambda: most_threads(main))
            assert runs.returncode == 0
            held = server.execute(COUNT)[0][0]
    quarter = len(threads) // 4
    assert max(threads[-quarter:]) <= max(threads[:-quarter])
    # The crew, the main thread, and what libraries keep.
    assert max(threads) <= THREADS + 3
    assert held <= WORKERS + 3


def sampled(process: Popen[str], question: Callable[[], int]) -> list[int]:
    """The answers while a process lives."""
    answers = []
    while process.poll() is None:
        answers.append(question())
        sleep(0.25)
    return answers


def most_threads(main: int) -> int:
    """Of the worker process that has most."""
    counts = [0]
    for pid in workers(main):
        try:
            counts.append(len(os.listdir(f"/proc/{pid}/task")))
        except FileNotFoundError:  # replaced by a fresh one after many tasks
            continue
    return max(counts)
