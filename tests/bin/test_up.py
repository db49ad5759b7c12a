"""`make up`: web, workers and demo API side by side, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from bin.setup import TOP
from tests.installation import wait_until
from tests.servers import free_port

pytestmark = pytest.mark.cluster


def answer(url: str) -> bytes:
    """What a page says, also an error page; nothing while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return bytes(response.read())
    except HTTPError as page:
        return page.read()
    except OSError:
        return b""


def processes_in(folder: Path) -> list[str]:
    """Commands of all processes that were started with this CLUSTER_DIR."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"CLUSTER_DIR={folder}".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # it ended meanwhile, or is somebody else's
            continue
    return found


def test_it_answers_with_the_demo_in_an_empty_console_and_ctrl_c_leaves_nothing(
    tmp_path,
) -> None:
    port, demo_port = free_port(), free_port()
    cluster = tmp_path / "cluster"
    with (tmp_path / "log").open("wb") as log:
        up = subprocess.Popen(
            [sys.executable, "-m", "bin.up"],
            cwd=TOP,
            env={
                **os.environ,
                "PORT": str(port),
                "DEMO_PORT": str(demo_port),
                "DATABASE_URL": f"sqlite:///{tmp_path}/up.sqlite3",
                "CLUSTER_DIR": str(cluster),
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    said = tmp_path / "log"
    try:
        page = f"http://127.0.0.1:{port}/admin/login/"
        wait_until(lambda: b"testhub" in answer(page), 60, said.read_text())
        demo = f"http://127.0.0.1:{demo_port}/"
        wait_until(lambda: answer(demo), 20, said.read_text())
        wait_until((cluster / "running.json").exists, 20, said.read_text())
        assert processes_in(cluster)
    finally:
        up.send_signal(signal.SIGINT)
        code = up.wait(timeout=60)
    text = said.read_text()
    assert code == 0, text
    assert "with the password" in text
    assert f"http://127.0.0.1:{port}/" in text
    wait_until(lambda: not processes_in(cluster), 10, str(processes_in(cluster)))


@pytest.mark.parametrize(
    ("port", "sentence"),
    [
        ("0", "PORT=0: use a number from 1 to 65535; choose another: make up PORT=..."),
        ("http", "PORT=http: use a number from 1 to 65535"),
        ("taken", "address already in use; choose another: make up PORT=..."),
    ],
)
def test_a_port_that_cannot_be_had_is_named_before_anything_starts(port, sentence) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = str(listener.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "bin.up"],
            cwd=TOP,
            env={**os.environ, "PORT": taken if port == "taken" else port},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 2
    assert sentence in ended.stdout
