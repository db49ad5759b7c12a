"""Threads ask for an access token, the main thread answers; here with a ledger of paper."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from cases.engine.auth.tokens import TOO_LATE, Token, Tokens
from cases.engine.errors import NoToken
from runs.execution.desk import Desk, RunTokens, Turn

FETCHED = Token("fetched here")


class Paper:
    """Says the same to everybody and notes what it is told."""

    def __init__(self, answer: Token | Turn) -> None:
        self.answer = answer
        self.kept: list[Token] = []
        self.n_dropped = 0

    def take(self, key: str, refused: str, claim: str) -> Token | Turn:
        return self.answer

    def keep(self, claim: str, token: Token) -> None:
        self.kept.append(token)

    def drop(self, claim: str) -> None:
        self.n_dropped += 1

    def renew(self) -> None:
        pass


class Office:
    """A desk, and a thread that asks at it."""

    def __init__(self, answer: Token | Turn) -> None:
        self.paper = Paper(answer)
        self.desk = Desk(self.paper)
        self._woken = threading.Event()
        self.desk.wake = self._woken.set

    def ask(self, within_s: float = 60, fetch: Callable[[], Token] = lambda: FETCHED) -> Future:
        tokens = RunTokens(Tokens(), self.desk)
        thread = ThreadPoolExecutor(1)
        asked = thread.submit(tokens.get, "what", fetch, "", within_s)
        thread.shutdown(wait=False)
        return asked

    def serve_once_woken(self) -> None:
        assert self._woken.wait(10)
        self._woken.clear()
        self.desk.serve()


def test_a_token_that_is_there_is_used() -> None:
    office = Office(Token("of the run"))
    asked = office.ask()
    office.serve_once_woken()
    assert asked.result(10).value == "of the run"


def test_whose_turn_it_is_fetches_for_all() -> None:
    office = Office(Turn.OURS)
    asked = office.ask()
    office.serve_once_woken()
    assert asked.result(10) is FETCHED
    office.serve_once_woken()
    assert office.paper.kept == [FETCHED]


def test_a_thread_waits_for_what_somebody_else_fetches() -> None:
    office = Office(Turn.THEIRS)
    asked = office.ask()
    office.serve_once_woken()
    assert office.desk.pause_s(10) < 1
    office.paper.answer = Token("theirs")
    while not asked.done():
        office.desk.serve()
    assert asked.result().value == "theirs"
    assert office.desk.pause_s(10) == 10


def test_who_fetches_in_vain_gives_the_turn_back() -> None:
    def fetch() -> Token:
        raise NoToken("closed for today")

    office = Office(Turn.OURS)
    asked = office.ask(fetch=fetch)
    office.serve_once_woken()
    with pytest.raises(NoToken, match="closed for today"):
        asked.result(10)
    office.serve_once_woken()
    assert office.paper.n_dropped == 1


def test_who_waits_too_long_gives_back_what_comes_too_late() -> None:
    office = Office(Turn.OURS)
    asked = office.ask(within_s=0.01)
    with pytest.raises(NoToken, match=TOO_LATE):
        asked.result(10)
    office.serve_once_woken()
    assert office.paper.n_dropped == 1
    assert office.desk.pause_s(10) == 10, "nobody is waited for"


def test_who_waits_is_sent_away_when_the_chunk_is_let_go() -> None:
    office = Office(Turn.THEIRS)
    waiting = office.ask()
    office.serve_once_woken()
    office.desk.close()
    for asked in (waiting, office.ask()):
        with pytest.raises(NoToken, match="has let go of it"):
            asked.result(10)


def test_who_would_have_to_answer_itself_does_not_ask() -> None:
    desk = Desk(Paper(Turn.THEIRS))
    assert RunTokens(Tokens(), desk).get("what", lambda: FETCHED, "", 60) is FETCHED
