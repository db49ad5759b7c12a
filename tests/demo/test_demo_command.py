"""`manage.py demo` as a person sees it: the record, the exit code, nothing left running."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from demo import leftovers
from demo.expected import differences

# On SQLite only: that is what the demo is for.
pytestmark = pytest.mark.cluster

TOP = Path(__file__).parents[2]


class Demo:
    """Starts the command; every process that comes of it carries the mark."""

    def __init__(self, folder: Path) -> None:
        self.mark = f"TESTHUB_TEST_MARK={secrets.token_hex(8)}"
        name, value = self.mark.split("=")
        self._environment = {
            **os.environ,
            name: value,
            "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3",
            "CLUSTER_DIR": str(folder / "cluster"),
            "COLUMNS": "160",
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> subprocess.Popen[str]:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=TOP,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        return self.process

    def run(self) -> tuple[int, str]:
        process = self.start()
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def processes(self) -> dict[int, str]:
        return leftovers.marked(self.mark)

    def end(self) -> None:
        """Whatever a failed test left."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process:
            with self.process:
                pass


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path)
    yield running
    running.end()


def test_it_shows_the_record_twice_and_leaves_nothing_running(demo: Demo) -> None:
    for number in (1, 2):
        code, output = demo.run()
        assert code == 0, output
        assert "As it should be: 65 results, and the 1 failure is on purpose." in output
        assert re.search(rf"Run {number}: failed . 64 passed . 1 failed", output)
        assert re.search(r"\$\.price equals\W+2\.5\W+3\.25\W+failed", output)
        assert ("with the password" in output) is (number == 1)
        assert demo.processes() == {}


def test_ctrl_c_ends_all_of_it(demo: Demo) -> None:
    process = demo.start()
    _read_until(process, "starting the workers")
    _wait_for(lambda: any("qcluster" in line for line in demo.processes().values()))
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert "Stopped." in output
    assert "Traceback" not in output
    assert demo.processes() == {}


def test_sigterm_ends_all_of_it(demo: Demo) -> None:
    process = demo.start()
    _read_until(process, "starting the workers")
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 143
    assert demo.processes() == {}


def test_what_it_started_dies_with_it(demo: Demo) -> None:
    process = demo.start()
    _read_until(process, "starting the workers")
    _wait_for(lambda: any("qcluster" in line for line in demo.processes().values()))
    process.kill()
    process.communicate()
    _wait_for(lambda: not demo.processes())


@pytest.mark.parametrize(
    ("expected", "actual", "sentences"),
    [
        ({("A/b", ""): "passed"}, {("A/b", ""): "passed"}, []),
        ({("A/b", "r"): "passed"}, {}, ["A/b / r: no result instead of passed."]),
        ({}, {("A/b", ""): "error"}, ["A/b: error instead of none."]),
        ({("A/b", ""): "failed"}, {("A/b", ""): "passed"}, ["A/b: passed instead of failed."]),
    ],
)
def test_only_the_exact_record_is_right(expected, actual, sentences) -> None:  # type: ignore[no-untyped-def]
    assert differences(expected, actual) == sentences


def _read_until(process: subprocess.Popen[str], words: str) -> None:
    assert process.stdout
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"the demo ended without saying {words!r}")


def _wait_for(condition: Callable[[], bool], within_s: float = 60.0) -> None:
    ends_at = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends_at
        time.sleep(0.1)
