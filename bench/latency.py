"""From "Run now" to the first byte of the first request: how long a tester waits."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from typing import Any

from bench import house

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def measure(n_tries: int, database_url: str, folder: Path) -> dict[str, Any]:
    """Seconds until the first request arrives, with idle workers and the ORM broker."""
    with house.database(database_url, folder) as url, listening() as (base_url, arrivals):
        house.settle_in(url, folder)
        environment = _lay_out(base_url)
        seconds = []
        with house.workers():
            for _try in range(n_tries):
                time.sleep(random.uniform(0.3, 0.8))  # workers ask 5 times a second: any phase
                seconds.append(_one(environment, arrivals))
    return {
        "start_tries": n_tries,
        "start_median_s": round(median(seconds), 3),
        "start_worst_s": round(max(seconds), 3),
    }


def _lay_out(base_url: str) -> Any:
    from cases import specs
    from cases.models import Case, Environment, Module, Step

    environment = Environment.objects.create(name="latency", base_url=base_url)
    module = Module.objects.create(name="latency", default_environment=environment)
    case = Case.objects.create(module=module, name="one request")
    Step.objects.create(case=case, url="/")
    specs.refresh(Case.objects.filter(pk=case.pk))
    return module


def _one(module: Any, arrivals: SimpleQueue[float]) -> float:
    """One run of the case, from start to its end; seconds until its request came."""
    from runs import tasks
    from runs.choices import Trigger
    from runs.execution.selection import Selection

    began = time.perf_counter()
    run = tasks.start_run(Selection(module_ids=(module.pk,)), trigger=Trigger.COMMAND)
    arrived = arrivals.get(timeout=60)
    while run.is_open:
        time.sleep(0.05)
        run.refresh_from_db(fields=["status", "outcome"])
    return arrived - began


@contextmanager
def listening() -> Iterator[tuple[str, SimpleQueue[float]]]:
    """A target that notes when each request arrives."""
    arrivals: SimpleQueue[float] = SimpleQueue()
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _address = server.accept()
            except OSError:  # closed: the bench is over
                return
            with connection:
                connection.recv(65536)
                arrivals.put(time.perf_counter())
                connection.sendall(ANSWER)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}", arrivals
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
