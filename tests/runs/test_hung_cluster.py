"""Whatever is done to the processes of an idle cluster: the keeper brings it back, and the
run that waits for it ends, each result once."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.installation import Installation, wait_until
from tests.runs.laid_out import lay_out, run_through, start_run, wait_for_end
from tests.runs.processes import kept, strike
from tests.target import Target

pytestmark = pytest.mark.cluster

# One worker: no other can hold the lock of the queue. The hints go astray only by a crash.
SETTINGS = {"WORKERS": 1, "THREADS": 4, "CASE_TIMEOUT_S": 15, "HINT_STALE_S": 600}
N_CASES = 8
STATUS = """
import time
from runs.workers import cluster_status
began = time.monotonic()
while (status := cluster_status()).alive and time.monotonic() - began < 30:
    time.sleep(0.1)
answer = [status.message, time.monotonic() - began]
"""


@pytest.fixture(scope="module")
def module(installation: Installation, served: Target) -> str:
    return lay_out(installation, served.url, N_CASES)


@pytest.fixture(scope="module")
def keeper(installation: Installation, module: str) -> Iterator[subprocess.Popen[str]]:
    with installation.workers(1) as keeper:
        yield keeper


@pytest.mark.parametrize(
    ("victim", "said"),
    [
        ("cluster", "ended with -9"),
        ("sentinel", "ended with 0"),
        ("group", "qcluster "),  # ended, or hangs: it depends on who dies first
        ("monitor", "no result has been collected"),
        ("pusher", None),  # mostly replaced by its sentinel
    ],
)
@pytest.mark.usefixtures("keeper")
def test_a_cluster_that_was_struck_comes_back_and_does_what_waited(
    installation: Installation, module: str, target: Target, victim: str, said: str | None
) -> None:
    n_lines = installation.log().count("\n")
    struck = strike(installation, victim)
    ended = run_through(installation, module, 40)
    assert (ended["outcome"], ended["counts"]["passed"]) == ("passed", N_CASES)
    assert len(target.requests) == N_CASES, "nothing was sent twice"
    if said is not None:
        wait_until(lambda: kept(installation).get("qcluster", struck) != struck, 40)
        wait_until(installation.cluster_is_alive, 40)
        assert said in "\n".join(installation.log().split("\n")[n_lines:])


def test_an_idle_worker_that_is_killed_hangs_the_cluster_for_seconds_only(
    installation: Installation,
    keeper: subprocess.Popen[str],
    module: str,
    target: Target,
) -> None:
    struck = strike(installation, "worker")
    keeper.send_signal(signal.SIGSTOP)  # it looks away until the cluster was seen hanging
    try:
        run_id = start_run(installation, module)
        message, after_s = installation.do(STATUS)
    finally:
        keeper.send_signal(signal.SIGCONT)
    assert message == "Workers hang: “run_workers” is about to start them again."
    assert after_s < 10
    began = time.monotonic()
    ended = wait_for_end(installation, run_id, 60)
    assert time.monotonic() - began < 3 * 10 + 2
    assert ended["counts"]["passed"] == len(target.requests) == N_CASES
    assert kept(installation)["qcluster"] != struck


@pytest.mark.usefixtures("keeper")
def test_a_long_chunk_is_left_alone_though_another_waits(
    installation: Installation, module: str, served: Target, target: Target
) -> None:
    wait_until(installation.cluster_is_alive, 40)
    before = kept(installation)
    lay_out(installation, served.url, 1, module="slow", url="/slow/8000")
    slow = start_run(installation, "slow")
    assert run_through(installation, module, 60)["counts"]["passed"] == N_CASES
    assert wait_for_end(installation, slow, 60)["counts"]["passed"] == 1
    assert kept(installation) == before
    assert len(target.requests) == 1 + N_CASES
