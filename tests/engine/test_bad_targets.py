"""A target that misbehaves is a clear error within its deadline."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from cases.engine.outcome import Outcome
from cases.engine.spec import StepSpec
from cases.engine.transport import Session
from tests.engine.asking import Asking, check
from tests.target import Target

GIGABYTE = 1 << 30
LIMIT = {"response_limit": 100_000}


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port that is ours, but where nobody listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("/close", "closed the connection without an answer"),
        ("/close-in-middle", "closed the connection in the middle of its answer"),
        ("/garbage", "answered with something that is not HTTP"),
        ("/bad-length", "answered with something that is not HTTP"),
        ("/bad-gzip", "could not be decompressed"),
        ("/unknown-coding", "could not be decompressed"),
        ("/many-headers", "headers"),
        ("/loop", "redirects more than 10 times"),
        (f"/big?bytes={GIGABYTE}", "larger than the limit of 100000 bytes"),
        (f"/big?bytes={GIGABYTE}&chunked=1", "larger than the limit of 100000 bytes"),
        (f"/gzip-bomb?bytes={GIGABYTE}", "larger than the limit of 100000 bytes"),
    ],
)
def test_a_broken_answer_is_an_error_that_says_so(
    target: Target, asking: Asking, page: str, words: str
) -> None:
    result = asking.step(page, timeout_ms=10_000, environment=LIMIT)
    assert result.outcome is Outcome.ERROR
    assert words in result.message
    assert result.message.endswith(".")
    assert result.exchanges
    assert result.duration_ms < 10_000


def test_a_status_with_junk_behind_it_is_what_libcurl_reads(asking: Asking) -> None:
    result = asking.step("/odd-status")
    assert result.outcome is Outcome.PASSED, result.message
    assert result.exchanges[0].response.status == 200


def test_what_came_before_the_break_is_kept(asking: Asking) -> None:
    exchange = asking.step("/close-in-middle").exchanges[0]
    assert exchange.response.status == 200
    assert exchange.response.body == b"ten bytes!"
    assert "90 bytes missing" in exchange.error


def test_a_body_over_the_limit_is_cut_there(asking: Asking) -> None:
    exchange = asking.step("/big?bytes=100001", environment=LIMIT).exchanges[0]
    assert len(exchange.response.body) == 100_000


def test_a_body_of_exactly_the_limit_is_fine(asking: Asking) -> None:
    result = asking.step("/big?bytes=100000", environment=LIMIT)
    assert result.outcome is Outcome.PASSED


def test_nobody_listens(asking: Asking, unused_port: int) -> None:
    result = asking.step(f"http://127.0.0.1:{unused_port}/")
    assert result.outcome is Outcome.ERROR
    sentence = f"Could not connect to 127.0.0.1:{unused_port} (connection refused)."
    assert result.message == sentence
    assert result.exchanges[0].response is None
    assert result.exchanges[0].error == result.message


def test_a_name_without_address(asking: Asking) -> None:
    result = asking.step("http://nowhere.invalid/")
    assert result.outcome is Outcome.ERROR
    assert result.message == "The host name of nowhere.invalid has no address."


@pytest.mark.parametrize("page", ["/slow/60000", "/drip?bytes=100000&every_ms=20"])
def test_a_deadline_is_for_the_whole_exchange(asking: Asking, page: str) -> None:
    result = asking.step(page, timeout_ms=300)
    assert result.outcome is Outcome.ERROR
    assert "gave no complete answer within" in result.message
    assert result.duration_ms < 3 * 300 + 2_000


def test_a_server_that_accepts_and_says_nothing(asking: Asking) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        result = asking.step(f"http://127.0.0.1:{port}/", timeout_ms=300)
    assert result.outcome is Outcome.ERROR
    assert f"127.0.0.1:{port} gave no complete answer within" in result.message
    assert result.duration_ms < 3 * 300 + 2_000


def test_a_connection_that_never_comes_about(asking: Asking) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = []
        for _ in range(3):  # fill the queue of connections nobody accepts
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(("127.0.0.1", port))
        result = asking.step(
            f"http://127.0.0.1:{port}/", environment={"connect_timeout_ms": 300}
        )
        for one in waiting:
            one.close()
    assert result.outcome is Outcome.ERROR
    assert f"Could not connect to 127.0.0.1:{port} within 300 ms." == result.message
    assert result.duration_ms < 3 * 300 + 2_000


def test_one_deadline_holds_over_all_redirects(target: Target, asking: Asking) -> None:
    slow = StepSpec(url="/loop", max_redirects=1_000_000, timeout_ms=400)
    began = time.monotonic()
    attempt = asking.case(slow)
    assert attempt.outcome is Outcome.ERROR
    assert time.monotonic() - began < 3 * 0.4 + 2
    assert len(target.requests) > 1


def test_the_case_deadline_holds_over_all_steps(target: Target, asking: Asking) -> None:
    steps = [StepSpec(url="/slow/200")] * 20
    attempt = asking.case(*steps, timeout_ms=500)
    assert attempt.outcome is Outcome.ERROR
    assert attempt.duration_ms < 3 * 500 + 2_000
    assert len(target.requests) < 20
    assert attempt.steps[0].outcome is Outcome.PASSED
    assert attempt.steps[-1].outcome is Outcome.SKIPPED


def test_a_session_is_fine_after_any_of_it(target: Target, session: Session) -> None:
    asking = Asking(target.url, session)
    for page in ("/close", "/garbage", "/close-in-middle", "/big?bytes=1000000"):
        asking.step(page, environment=LIMIT)
        result = asking.step("/echo", assertions=(check("status", expected=200),))
        assert result.outcome is Outcome.PASSED
