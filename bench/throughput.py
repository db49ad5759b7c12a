"""Cases per second through real workers, next to the same exchange without testhub."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pycurl

from bench import house, yardsticks
from bench.target import nginx

WARM_UP = 3


def measure(n_cases: int, database_url: str, folder: Path) -> dict[str, Any]:
    """One JSON object with the figures of one run; see bench/README.md for each of them."""
    with nginx() as base_url, house.database(database_url, folder) as url:
        house.settle_in(url, folder)
        document = f"{base_url}/product.json"
        _lay_out(base_url, n_cases)
        figures: dict[str, Any] = {"cases": n_cases, "database": url.partition(":")[0]}
        with house.workers() as keeper_pid:
            figures["first_run_per_s"] = round(n_cases / _run(n_cases))
            # Each worker compiles half of what it has not met yet. Watching costs some percent
            # of a core: not in the run that is measured.
            with _watching(keeper_pid) as peaks:
                for _round in range(WARM_UP):
                    _run(n_cases)
            cpu_s = _cpu_s(keeper_pid)
            figures["cases_per_s"] = round(n_cases / _run(n_cases))
            cpu_s = _cpu_s(keeper_pid) - cpu_s
            figures["cluster_cpu_us_per_case"] = round(cpu_s / n_cases * 1e6, 1)
            figures |= peaks
        figures |= _cpu_us(document)
        figures["bare_curl_per_s"] = yardsticks.bare_curl(document, n_cases)[0]
        figures |= yardsticks.requests_session(document, min(n_cases, 2000))
        figures |= yardsticks.others(document, min(n_cases, 5000))
    return figures


def _lay_out(base_url: str, n_cases: int) -> None:
    """One-step cases: one GET, four assertions, one extraction."""
    from cases import specs
    from cases.models import Case, Environment, Module, Step

    environment = Environment.objects.create(name="bench", base_url=base_url)
    module = Module.objects.create(name="bench", default_environment=environment)
    Case.objects.bulk_create(
        (Case(module=module, name=f"case {n:06}") for n in range(n_cases)), batch_size=1000
    )
    Step.objects.bulk_create(
        (
            Step(
                case_id=pk, url="/product.json", extractions=EXTRACTIONS, assertions=ASSERTIONS
            )
            for pk in Case.objects.values_list("pk", flat=True)
        ),
        batch_size=1000,
    )
    specs.refresh(Case.objects.all())


TOWN = "Guwahati"  # as bench.target.DOCUMENT has it
ASSERTIONS: list[dict[str, Any]] = [
    {"source": "status", "comparator": "equals", "expected": 200},
    {"source": "header", "path": "Content-Type", "comparator": "is_empty", "negated": True},
    {
        "source": "json",
        "path": "$.supplier.city",
        "comparator": "equals",
        "expected": "Guwahati",
    },
    {"source": "duration", "comparator": "less_than", "expected": 5000},
]
EXTRACTIONS: list[dict[str, Any]] = [{"name": "product_id", "source": "json", "path": "$.id"}]


def _run(n_cases: int) -> float:
    """Seconds from starting the run to its last result committed."""
    from runs import tasks
    from runs.choices import Trigger
    from runs.execution.selection import Selection

    began = time.perf_counter()
    run = tasks.start_run(Selection(everything=True), trigger=Trigger.COMMAND)
    while run.is_open and sum(run.counts().values()) < n_cases:
        _look_again(run)
    seconds = time.perf_counter() - began
    while run.is_open:
        _look_again(run)
    if run.outcome != "passed":
        raise AssertionError(f"the run ended {run.status}, {run.outcome}")
    return seconds


def _look_again(run: Any) -> None:
    time.sleep(0.05)
    run.refresh_from_db(fields=["status", "outcome"])


def _cpu_us(document: str) -> dict[str, float]:
    """Thread CPU of `run_case` for one such case, compiled and warm, and of bare curl for
    the same exchange: turn by turn, so that both meet the same machine; median of each."""
    from cases.engine.runner import run_case
    from cases.engine.spec import (
        AssertionSpec,
        CaseSpec,
        EnvironmentSpec,
        ExtractionSpec,
        StepSpec,
    )
    from cases.engine.transport import Session
    from cases.engine.variables import Variables

    step = StepSpec(
        url=document,
        assertions=tuple(AssertionSpec.from_dict(a) for a in ASSERTIONS),
        extractions=tuple(ExtractionSpec.from_dict(e) for e in EXTRACTIONS),
    )
    spec = CaseSpec(name="bench", path="bench/bench", steps=(step,))
    session, environment = Session(), EnvironmentSpec()
    handle, n = pycurl.Curl(), 50
    case, curl = list[float](), list[float]()
    for _turn in range(100):
        began = time.thread_time()
        for _number in range(n):
            run_case(spec, Variables(()), session, environment=environment)
        case.append((time.thread_time() - began) / n * 1e6)
        curl.append(yardsticks.bare_curl(document, n, handle)[1])
    return {
        "cpu_us_per_case": round(median(case), 1),
        "bare_curl_cpu_us": round(median(curl), 1),
    }


@contextmanager
def _watching(keeper_pid: int) -> Iterator[dict[str, Any]]:
    """The most connections and memory that the cluster had meanwhile."""
    peaks: dict[str, Any] = {"peak_connections": None, "worker_rss_mb": 0}
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            rss = max((_rss_mb(pid) for pid in _descendants(keeper_pid)), default=0)
            peaks["worker_rss_mb"] = max(peaks["worker_rss_mb"], rss)
            connections = _connections()
            if connections is not None:
                peaks["peak_connections"] = max(peaks["peak_connections"] or 0, connections)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peaks
    finally:
        done.set()
        watcher.join()
        from django.db import connections

        connections.close_all()


def _connections() -> int | None:
    """All sessions in the bench's database but this thread's; SQLite has none."""
    from django.db import connection

    if connection.vendor != "mysql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM information_schema.processlist "
            "WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        )
        return int(cursor.fetchone()[0])


def _descendants(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        for child in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                children = [int(text) for text in child.read_text().split()]
            except OSError:
                continue
            found += children
            waiting += children
    return found


def _cpu_s(keeper_pid: int) -> float:
    """What the cluster's living processes have spent so far, user and system."""
    ticks = 0
    for pid in _descendants(keeper_pid):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(stat[11]) + int(stat[12])  # fields 14 and 15 of proc(5)
    return ticks / os.sysconf("SC_CLK_TCK")


def _rss_mb(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * 4096 // 2**20
