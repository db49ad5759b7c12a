"""A clock that goes on when the test says so, or when somebody sleeps."""

from __future__ import annotations

from types import ModuleType

import pytest


class Clock:
    """For as long as the test runs, in the place of that module's `time`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
        self.now = self.cpu = 0.0
        monkeypatch.setattr(module, "time", self)

    def monotonic(self) -> float:
        return self.now

    def process_time(self) -> float:
        return self.cpu

    def sleep(self, seconds: float) -> None:
        self.now += seconds
