"""What a chunk asks of whoever runs its cases: a crew of threads, or the caller's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from runs.execution.work import Boundary, Landed, Work


class UnderWay(Protocol):
    """Cases that were launched and have not landed yet."""

    def __len__(self) -> int: ...

    @property
    def room(self) -> int:
        """How much more may be launched now."""

    @property
    def is_stuck(self) -> bool:
        """Nobody is left who could take anything."""

    def launch(self, going: Sequence[Work]) -> None:
        """No more than there is room for."""

    def landed(self, timeout_s: float) -> Iterator[Landed]:
        """What came back; waits at most `timeout_s`."""

    def wake(self) -> None:
        """Let `landed` return now; from any thread."""

    def recall(self) -> list[Work]:
        """Take back what was launched and not begun."""

    def abandon(self) -> None:
        """Send nothing more and forget what is under way."""


class Performer(Protocol):
    def flight(self, boundary: Boundary, stopped: Callable[[], bool], line: int) -> UnderWay:
        """Run cases inside `boundary`; `stopped` is asked before each request. For each
        thread at most `line` cases wait."""
