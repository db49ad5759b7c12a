"""A WSGI application under gunicorn, for as long as a `with` block lasts."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

TOP = Path(__file__).parents[2]


class Gunicorn:
    """`with Gunicorn("httpbin:app") as server:` it answers at `server.url`."""

    def __init__(
        self, application: str, environment: Mapping[str, str] | None = None, path: str = "/"
    ) -> None:
        self._application = application
        self._environment = environment
        self._path = path  # what is asked to see that it is ready

    def __enter__(self) -> Self:
        # gunicorn gets a socket that listens already: nobody can take the port.
        listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = tempfile.TemporaryDirectory(prefix="testhub-gunicorn-")
        self._log = Path(self._folder.name, "log")
        with listener, self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", self._application),
                    *("--bind", f"fd://{listener.fileno()}"),
                    *("--worker-class", "gthread", "--threads", "32"),
                    *("--graceful-timeout", "1", "--no-control-socket"),
                ],
                pass_fds=[listener.fileno()],
                cwd=TOP,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait()
        return self

    def _wait(self) -> None:
        """Until it answers; a connection is accepted from the first moment."""
        deadline = time.monotonic() + 30
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as asker:
            asker.sendall(f"GET {self._path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
            while time.monotonic() < deadline:
                asker.settimeout(0.5)
                try:
                    if asker.recv(100):
                        return
                except TimeoutError:
                    pass
                if self._process.poll() is not None:
                    break
        text = self._log.read_text()
        self.__exit__()
        raise RuntimeError(f"{self._application} did not start: {text}")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()
