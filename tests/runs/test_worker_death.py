"""Workers die or are told to stop in mid-run: the run ends, each result once."""

from __future__ import annotations

import os
import re
import signal
import subprocess

import pytest

from tests.installation import Installation, wait_until
from tests.runs.laid_out import lay_out, start_run, state, wait_for_end
from tests.runs.processes import busy, in_session, kept, members
from tests.target import Target

pytestmark = pytest.mark.cluster

N_CASES = 200
SETTINGS = {"THREADS": 4, "CHUNK_SIZE": 20, "CASE_TIMEOUT_S": 15}


@pytest.fixture(scope="module")
def module(installation: Installation, served: Target) -> str:
    return lay_out(installation, served.url, N_CASES, url="/slow/100?{number}")


@pytest.mark.store
def test_workers_that_are_killed_in_mid_run_cost_no_result(
    installation: Installation, module: str, target: Target
) -> None:
    with installation.workers(2):
        run_id = start_run(installation, module)
        _kill_a_worker(installation, target, after=20)
        _kill_a_worker(installation, target, after=80)
        ended = wait_for_end(installation, run_id, 60)
    assert (ended["status"], ended["outcome"]) == ("finished", "passed")
    assert ended["n_results"] == ended["counts"]["passed"] == N_CASES
    assert set(ended["chunks"]) == {"finished"}
    assert len({asked.target for asked in target.requests}) == N_CASES


@pytest.mark.store
def test_workers_that_are_killed_between_tries_leave_each_attempt_once(
    installation: Installation, target: Target
) -> None:
    """Each case is asked twice before it passes; the first to ask may have died."""
    n_cases = 60
    module = lay_out(
        installation, target.url, n_cases, module="flaky", url="/recovers/1?{number}"
    )
    installation.do(
        "from cases import specs\n"
        "flaky = Case.objects.filter(module__name='flaky')\n"
        "flaky.update(retries=2, retry_pause_ms=300, timeout_ms=5000)\n"
        "answer = specs.refresh(flaky)"
    )
    with installation.workers(2):
        run_id = start_run(installation, module)
        _kill_a_worker(installation, target, after=4)
        _kill_a_worker(installation, target, after=40)
        ended = wait_for_end(installation, run_id, 60)
    assert (ended["status"], ended["outcome"]) == ("finished", "passed")
    assert ended["n_results"] == n_cases
    assert ended["n_attempts"] == n_cases + ended["n_on_retry"]
    assert 0 < ended["n_on_retry"] <= n_cases


def test_a_keeper_that_stops_in_mid_run_gives_back_what_it_had(
    installation: Installation, served: Target, target: Target
) -> None:
    slow, n_cases = "slow", 100
    lay_out(installation, served.url, n_cases, module=slow, url="/slow/250?{number}")
    with installation.workers(2):
        # Not waited for: on a busy machine the run would be over before this command is.
        command = ("manage.py", "run_cases", "--module", slow, "--no-wait")
        asking = installation.start(*command, stdout=subprocess.PIPE)
        wait_until(lambda: len(target.requests) > 20, 60)
    run_id = int(re.findall(r"\d+", asking.communicate(timeout=60)[0])[0])
    stopped = state(installation, run_id)
    assert stopped["status"] == "running"
    assert 0 < stopped["n_results"] < n_cases
    assert "running" not in stopped["chunks"]
    assert stopped["n_results"] == len(target.requests), "what was sent was recorded"
    with installation.workers(1):
        ended = wait_for_end(installation, run_id, 60)
    assert ended["counts"]["passed"] == n_cases
    assert len(target.requests) == n_cases, "nothing was sent twice"


def test_a_worker_that_is_busy_while_its_cluster_hangs_ends_its_case(
    installation: Installation, served: Target, target: Target
) -> None:
    lay_out(installation, served.url, 1, module="long", url="/slow/9000")
    lay_out(installation, served.url, 1, module="short")
    with installation.workers(2):
        long = start_run(installation, "long")
        wait_until(lambda: target.requests, 30)
        found = members(installation)
        [idle] = set(found.workers) - busy(installation)
        os.kill(idle, signal.SIGKILL)  # it alone waited at the queue, and had its lock
        short = start_run(installation, "short")
        for run_id in (long, short):
            assert wait_for_end(installation, run_id, 60)["counts"]["passed"] == 1
        assert kept(installation)["qcluster"] != found.main
    assert len(target.requests) == 2, "nothing was sent twice"


def _kill_a_worker(installation: Installation, target: Target, *, after: int) -> None:
    """One that is at work, once this many requests have been sent."""
    at_work: list[int] = []

    def have_come_so_far() -> bool:
        at_work[:] = busy(installation)
        return len(target.requests) > after and bool(at_work)

    wait_until(have_come_so_far, 30)
    victim = max(at_work)
    os.kill(victim, signal.SIGKILL)
    main = kept(installation)["qcluster"]
    wait_until(lambda: victim not in in_session(main), 10)
