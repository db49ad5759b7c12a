"""Access tokens of a run that many processes work at: threads ask, the main thread looks.

A pool thread may not touch the database. It leaves its errand at the desk and wakes the
main thread, which does it between two landings; whoever may fetch the token does so in its
own thread, as a part of its case. Of a process only one thread at a time asks for a token.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Protocol, TypeVar

from cases.engine.auth.tokens import TOO_LATE, Token, Tokens
from cases.engine.errors import NoToken

T = TypeVar("T")
# How often it is looked whether the token has come that another process fetches.
LOOK_S = 0.05
_CLOSED = "The worker of this case has let go of it."


class Turn(Enum):
    """There is no token that can be used: who fetches one?"""

    OURS = "whoever asked"
    THEIRS = "somebody else"


class Ledger(Protocol):
    """Where the processes of a run agree; for the main thread only."""

    def take(self, key: str, refused: str, claim: str) -> Token | Turn:
        """A token that lasts and is not the refused one; else whose turn it is. With OURS
        the claim is held until it is kept, dropped, or not renewed for too long."""

    def keep(self, claim: str, token: Token) -> None:
        """For everybody, if the claim is still held."""

    def drop(self, claim: str) -> None:
        """Let somebody else fetch."""

    def renew(self) -> None:
        """Hold on to the claims, when it is time to."""


@dataclass(slots=True, eq=False)
class _Question:
    key: str
    refused: str
    claim: str = field(default_factory=lambda: uuid.uuid4().hex)
    # None: it is yours to fetch.
    answer: Future[Token | None] = field(default_factory=Future)
    is_withdrawn: bool = False


class Desk:
    """For one claim of a chunk. Made by the thread that serves; `close` it at the end."""

    def __init__(self, ledger: Ledger) -> None:
        self.wake: Callable[[], None] = lambda: None  # the thread that serves
        self._ledger = ledger
        self._server = threading.get_ident()
        self._lock = threading.Lock()  # nothing is left behind at a desk that was closed
        self._is_closed = False
        self._asked: deque[_Question] = deque()
        self._notes: deque[partial[None]] = deque()
        self._waiting: list[_Question] = []
        self._look_at = 0.0

    @property
    def is_own(self) -> bool:
        """Who asks would have to serve: a case that runs inline."""
        return threading.get_ident() == self._server

    def ask(self, key: str, fetch: Callable[[], Token], refused: str, within_s: float) -> Token:
        """In a pool thread: the token of the run, fetched here if it is our turn.

        Raises what `fetch` raises, and NoToken.
        """
        question = _Question(key, refused)
        if not self._leave(self._asked, question):
            raise NoToken(_CLOSED)
        try:
            token = question.answer.result(max(0.0, within_s))
        except TimeoutError:
            # It may become our turn right now: the note gives it back.
            question.is_withdrawn = True
            self._leave(self._notes, partial(self._ledger.drop, question.claim))
            raise NoToken(TOO_LATE) from None
        if token is not None:
            return token
        try:
            token = fetch()
        except BaseException:
            self._leave(self._notes, partial(self._ledger.drop, question.claim))
            raise
        self._leave(self._notes, partial(self._ledger.keep, question.claim, token))
        return token

    def pause_s(self, longest_s: float) -> float:
        """How long the serving thread may sleep unless it is woken."""
        return min(longest_s, LOOK_S) if self._waiting else longest_s

    def serve(self) -> None:
        """Answer what can be answered. To be called whenever `wake` was, and now and then."""
        while self._notes:
            self._notes.popleft()()
        if self._asked or (self._waiting and time.monotonic() >= self._look_at):
            while self._asked:
                self._waiting.append(self._asked.popleft())
            self._waiting = [q for q in self._waiting if not self._is_answered(q)]
            self._look_at = time.monotonic() + LOOK_S
        self._ledger.renew()

    def close(self) -> None:
        """Whoever waits is sent away. What is claimed and not kept yet runs out."""
        with self._lock:
            self._is_closed = True
        for question in (*self._waiting, *self._asked):
            if not question.answer.done():
                question.answer.set_exception(NoToken(_CLOSED))

    def _leave(self, pile: deque[T], item: T) -> bool:
        """False if nobody serves any more."""
        with self._lock:
            if self._is_closed:
                return False
            pile.append(item)
        self.wake()
        return True

    def _is_answered(self, question: _Question) -> bool:
        if question.is_withdrawn:
            return True
        found = self._ledger.take(question.key, question.refused, question.claim)
        if found is not Turn.THEIRS:
            question.answer.set_result(None if found is Turn.OURS else found)
        return found is not Turn.THEIRS


class RunTokens:
    """The access tokens of a run: remembered by this process, agreed on with the others."""

    def __init__(self, memory: Tokens, desk: Desk) -> None:
        self._memory = memory
        self._desk = desk

    def get(
        self, key: str, fetch: Callable[[], Token], refused: str, timeout_s: float
    ) -> Token:
        if self._desk.is_own:
            return self._memory.get(key, fetch, refused, timeout_s)
        until = time.monotonic() + timeout_s

        def agree() -> Token:
            return self._desk.ask(key, fetch, refused, until - time.monotonic())

        return self._memory.get(key, agree, refused, timeout_s)
