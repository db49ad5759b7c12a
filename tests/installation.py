"""A testhub of its own for a test: a database, settings and real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tests import migrated
from tests.servers.process import free_port
from tests.warm import Warm

TOP = Path(__file__).resolve().parent.parent
# Short, so that what takes a minute in production takes seconds here.
SETTINGS = {"LEASE_S": "3", "WATCH_S": "1", "HINT_STALE_S": "3", "CHUNK_SIZE": "25"}


class Installation:
    """`url` is its DATABASE_URL; everything it starts ends with the `with` block."""

    def __init__(self, url: str, folder: Path, **settings: object) -> None:
        self.environment = {
            **os.environ,
            **SETTINGS,
            "DATABASE_URL": url,
            "CLUSTER_DIR": str(folder / "cluster"),
            "PYTHONPATH": str(TOP),
            **{name: str(value) for name, value in settings.items()},
        }
        self.folder = folder
        self._warm: Warm | None = None
        migrated.fill(url, self._migrate)

    def _migrate(self, url: str) -> None:
        command = ("manage.py", "migrate", "-v0")
        migrate = self.start(*command, env=self.environment | {"DATABASE_URL": url})
        assert migrate.wait(120) == 0

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *command],
            **{
                "cwd": TOP,
                "env": self.environment,
                "stdin": subprocess.DEVNULL,
                "text": True,
                **options,
            },
        )

    def manage(self, *arguments: str, expect: int = 0, timeout_s: float = 120) -> str:
        """Run a management command; returns what it printed."""
        code, text = self._run(["manage.py", *arguments], "", timeout_s)
        assert code == expect, f"{arguments}: {code}\n{text}"
        return text

    def do(self, code: str, timeout_s: float = 120) -> Any:
        """Run Python inside the installation; returns the JSON value of `answer`."""
        script = (
            "import json\n"
            "from cases.models import *; from runs.models import *\n"
            f"{code}\nprint('answer:' + json.dumps(answer, default=str))"
        )
        ended, text = self._run(["-"], script, timeout_s)
        assert ended == 0, text
        return json.loads(text.rpartition("answer:")[2])

    def run_module(self, *command: str, timeout_s: float = 60) -> tuple[int, str]:
        """As `python -m`; returns the exit code and all that it printed."""
        return self._run(["-m", *command], "", timeout_s)

    def _run(self, command: list[str], text: str, timeout_s: float) -> tuple[int, str]:
        if self._warm is None or self._warm.environment != self.environment:
            self._warm = Warm(self.environment)
        return self._warm.run(command, text, timeout_s)

    @contextmanager
    def workers(self, n_workers: int = 2) -> Iterator[subprocess.Popen[str]]:
        """`run_workers`, ready; ended at the end. Its log is `self.log()`."""
        with (self.folder / "workers.log").open("a") as log:
            keeper = self.start(
                "manage.py",
                "run_workers",
                "--workers",
                str(n_workers),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                assert self.do(ALIVE_SOON), "no worker came up: " + self.log()
                yield keeper
            finally:
                keeper.send_signal(signal.SIGTERM)
                keeper.wait(timeout=90)

    @contextmanager
    def web(self) -> Iterator[str]:
        """The web server, of four threads, ready; gives its URL."""
        address = f"127.0.0.1:{free_port()}"
        path = self.folder / "web.log"
        with path.open("w") as log:
            command = ("-m", "gunicorn", "testhub.wsgi", "--bind", address, "--threads", "4")
            server = self.start(*command, stdout=log, stderr=log)
            try:
                wait_until(lambda: _answers(f"http://{address}"), 60, path.read_text())
                yield f"http://{address}"
            finally:
                server.terminate()
                server.wait(timeout=30)

    def cluster_is_alive(self) -> bool:
        return (self.folder / "cluster" / "running.json").exists() and bool(self.do(ALIVE))

    def log(self) -> str:
        path = self.folder / "workers.log"
        return path.read_text() if path.exists() else ""


ALIVE = "from runs.workers import cluster_status; answer = cluster_status().alive"
# Waits inside: a process for each question would cost more than what it waits for.
ALIVE_SOON = """
import time
from runs.workers import cluster_status
ends_at = time.monotonic() + 60
while not cluster_status().alive and time.monotonic() < ends_at:
    time.sleep(0.1)
answer = cluster_status().alive
"""


def wait_until(
    true: Callable[[], object], timeout_s: float, otherwise: str = "it did not happen"
) -> None:
    """Ask until it is true; fails the test after `timeout_s`."""
    ends_at = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < ends_at, f"after {timeout_s} s: {otherwise}"
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/admin/login/", timeout=5) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False
