"""A server process of a test's own: own folder, free port, ended by its pid."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

READY_WITHIN_S = 30
STOPPED_WITHIN_S = 20


class ServerError(RuntimeError):
    """A private server that does not start or stop; ends with its own last words."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class PrivateServer:
    """One server process in a folder of its own; use it as a context manager."""

    program = ""
    # What else has to be there to make and start one.
    tools: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"testhub-{self.program}-"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    def missing(cls) -> str:
        """Why this server cannot be had on this machine; empty when it can."""
        missing = (name for name in (cls.program, *cls.tools) if not cls._find(name))
        return next((f"{name} is not installed" for name in missing), "")

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        assert self.process is not None, "the server is not running"
        return self.process.pid

    def start(self) -> None:
        """Start, or start again with the same folder and port; returns when it answers.

        Start it in the main thread: it ends when the thread that started it ends.
        """
        # A session that is killed takes its servers with it.
        tie = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*tie, *self._command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in a terminal is for pytest alone
            )
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._answers():
            if self.process.poll() is not None:
                raise ServerError(f"{self.program} ended at once: {self._last_words()}")
            if time.monotonic() > deadline:
                raise ServerError(f"{self.program} is not ready: {self._last_words()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it in good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would; `start()` brings it back with its data."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """End it for good and remove its folder."""
        if self.process is not None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def _find(name: str) -> str | None:
        path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin"])
        return shutil.which(name, path=path)

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError

    def _end(self, with_signal: signal.Signals) -> None:
        assert self.process is not None, "the server is not running"
        self.process.send_signal(with_signal)
        try:
            self.process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            if with_signal is signal.SIGTERM:
                raise ServerError(f"{self.program} did not stop") from None

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        errors = [line for line in lines if "error" in line.lower()]
        return " / ".join((errors or lines)[-5:])
