"""`python -m bench` measures a testhub of its own, and leaves every other database alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.ratios import ratios
from tests.servers import MariaDB

TOP = Path(__file__).parents[2]
nginx = pytest.mark.skipif(
    not shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"),
    reason="nginx: not found",
)


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=180,
    )


@nginx
@pytest.mark.cluster
def test_one_json_object_has_the_figures_of_a_run() -> None:
    ended = bench("throughput", "--cases", "60", "--json")
    assert ended.returncode == 0, ended.stderr
    figures = json.loads(ended.stdout)
    for name in (
        "first_run_per_s",
        "cases_per_s",
        "cpu_us_per_case",
        "bare_curl_per_s",
        "bare_curl_cpu_us",
        "requests_per_s",
        "worker_rss_mb",
    ):
        assert figures[name] > 0, name
    assert figures["peak_connections"] is None, "SQLite has none"


@pytest.mark.cluster
def test_the_time_from_run_now_to_the_first_request() -> None:
    ended = bench("latency", "--tries", "2")
    assert ended.returncode == 0, ended.stderr
    names = [line.split()[0] for line in ended.stdout.splitlines()]
    assert names == ["start_tries", "start_median_s", "start_worst_s"]


@pytest.mark.mariadb
def test_a_database_with_something_in_it_is_refused(mariadb_server: MariaDB) -> None:
    ended = bench("latency", "--database", mariadb_server.url("mysql"))
    assert ended.returncode == 2
    assert "'mysql' holds" in ended.stderr
    assert "that the bench did not make" in ended.stderr


def test_what_was_not_measured_has_no_ratio() -> None:
    figures = {"cases_per_s": 900, "requests_per_s": 600, "hurl_per_s": None}
    assert list(ratios(figures)) == ["testhub / a requests loop: 1.50"]
