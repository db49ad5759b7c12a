"""The demo API in a process of its own, for as long as a `with` block lasts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Self

_TOP = Path(__file__).parent.parent


class DemoApi:
    """`with DemoApi() as api:` the API answers at `api.url` until the block is left."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self.url = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "demo.api"),
                *("--port", str(self._port), "--die-with-parent"),
            ],
            cwd=_TOP,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Ctrl-C goes to us; we end it when everything that asks it has ended.
            start_new_session=True,
        )
        assert self._process.stdout and self._process.stderr
        # It prints its address as soon as it listens, or ends with a sentence.
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            _, reason = self._process.communicate()
            raise RuntimeError(f"The demo API did not start. {reason.strip()}")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    @property
    def pid(self) -> int:
        return self._process.pid
