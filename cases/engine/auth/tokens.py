"""Access tokens that several cases use: fetched once, kept while they last."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from cases.engine.errors import NoToken

TOO_LATE = "Another case did not get the access token within the deadline."


@dataclass(frozen=True, slots=True)
class Token:
    value: str
    scheme: str = "Bearer"
    ends: float = float("inf")  # by time.monotonic(); with a margin for its way to the target


class TokenStore(Protocol):
    """Where cases get their tokens from, by what they were asked for with."""

    def get(
        self, key: str, fetch: Callable[[], Token], refused: str, timeout_s: float
    ) -> Token:
        """The token that is kept, or a new one if that has ended or was refused.

        Raises what `fetch` raises, and NoToken when somebody else fetches for too long.
        """


class Tokens:
    """Tokens in memory. Safe to share between threads: one fetches, the others wait for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._slots: dict[str, _Slot] = {}

    def get(
        self, key: str, fetch: Callable[[], Token], refused: str, timeout_s: float
    ) -> Token:
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
        if not slot.lock.acquire(timeout=max(0.0, timeout_s)):
            raise NoToken(TOO_LATE)
        try:
            token = slot.token
            if token is None or token.value == refused or token.ends <= time.monotonic():
                token = slot.token = fetch()
            return token
        finally:
            slot.lock.release()


class _Slot:
    __slots__ = ("lock", "token")

    def __init__(self) -> None:
        self.lock = Lock()
        self.token: Token | None = None
