"""Delay, sending again and polling: what is asked how often, and when it ends."""

from __future__ import annotations

import re
import socket
import time
from typing import Any

import pytest

from cases.engine import resend
from cases.engine.messages import Response
from cases.engine.outcome import Outcome, StepResult
from cases.engine.spec import AuthSpec, PollSpec, ResendSpec, StepSpec
from cases.engine.transport import Session
from tests.engine.asking import Asking, check, keep
from tests.engine.scripted import HANG_UP, Scripted, answer
from tests.target import Target

ALL = tuple(resend.REASONS)
OK = (check("status", expected=200),)


def ask(url: str, session: Session, **fields: Any) -> StepResult:
    return Asking(url, session).step("/", **{"assertions": OK, **fields})


def again(times: int = 3, on: tuple[str, ...] = ALL, pause_ms: int = 1) -> ResendSpec:
    return ResendSpec(times=times, on=on, pause_ms=pause_ms)


# --- sending again ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "on", "statuses", "outcome"),
    [
        ([answer(200)], ALL, [200], "passed"),
        ([HANG_UP, answer(200)], ("broken",), [None, 200], "passed"),
        ([HANG_UP, HANG_UP, HANG_UP, HANG_UP], ("broken",), [None] * 4, "error"),
        ([HANG_UP, answer(200)], ("connect", "timeout", "busy"), [None], "error"),
        ([answer(503), answer(429), answer(200)], ("busy",), [503, 429, 200], "passed"),
        ([answer(503)], ("busy",), [503] * 4, "failed"),
        ([answer(503), answer(200)], ("broken",), [503], "failed"),
        ([answer(500), answer(200)], ALL, [500], "failed"),
        ([answer(404), answer(200)], ALL, [404], "failed"),
    ],
)
def test_a_request_is_sent_again_for_the_reasons_that_were_chosen(
    session: Session,
    script: list[str],
    on: tuple[str, ...],
    statuses: list[int | None],
    outcome: str,
) -> None:
    with Scripted(*script) as server:
        result = ask(server.url, session, resend=again(on=on))
        assert server.n_requests == len(statuses)
    assert result.outcome == outcome, result.message
    assert [e.response and e.response.status for e in result.exchanges] == statuses
    assert [e.purpose for e in result.exchanges][1:] == ["resend"] * (len(statuses) - 1)


def test_the_same_request_is_sent_again_with_what_was_drawn_for_it(session: Session) -> None:
    with Scripted(HANG_UP, answer(200)) as server:
        headers = (("Idempotency-Key", "{{$uuid}}"),)
        result = ask(server.url, session, method="POST", headers=headers, resend=again())
    first, second = (exchange.request for exchange in result.exchanges)
    assert first == second


def test_a_token_that_was_asked_for_twice_is_no_part_of_the_answer(session: Session) -> None:
    token = answer(200, body='{"access_token": "t0ken"}')
    with Scripted(answer(503), token, answer(200)) as server:
        auth = AuthSpec.of("oauth2", token_url="/token", client_id="me")
        result = ask(server.url, session, auth=auth, resend=again(on=("busy",)))
    assert result.outcome is Outcome.PASSED, result.message
    assert [exchange.purpose for exchange in result.exchanges] == ["token", "token", ""]


def test_where_nobody_listens_is_asked_again(session: Session) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        result = ask(url, session, resend=again(2, ("connect",)))
    assert result.outcome is Outcome.ERROR
    assert len(result.exchanges) == 3


def test_every_try_has_the_whole_deadline_of_the_step(session: Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        result = ask(url, session, timeout_ms=300, resend=again(2, ("timeout",)))
        took = time.monotonic() - began
    assert len(result.exchanges) == 3
    # What is left of it when the last try leaves: less on a busy machine, but no third of it.
    [left_ms] = re.findall(r"within (\d+) ms", result.message)
    assert 100 < int(left_ms) <= 300
    assert 0.9 <= took < 3 * 0.9 + 2


def test_a_pause_that_the_case_has_no_time_for_is_not_made(session: Session) -> None:
    with Scripted(answer(503, "Retry-After: 600")) as server:
        began = time.monotonic()
        result = ask(server.url, session, resend=again(on=("busy",)))
        assert time.monotonic() - began < 2
    assert result.outcome is Outcome.FAILED
    assert len(result.exchanges) == 1


@pytest.mark.parametrize(
    ("n_before", "headers", "pause_ms"),
    [
        (0, (), 500),
        (1, (), 1000),
        (3, (), 4000),
        (9, (), 60_000),
        (0, (("retry-after", "2"),), 2000),
        (0, (("Retry-After", "0"),), 500),
        (0, (("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"),), 500),
        (0, (("Retry-After", "9" * 5000),), 500),
    ],
)
def test_the_pause_doubles_and_is_at_least_what_the_target_asks_for(
    n_before: int, headers: tuple[tuple[str, str], ...], pause_ms: int
) -> None:
    response = Response(status=503, headers=headers)
    assert resend.pause_ms(ResendSpec(), n_before, response) == pause_ms


# --- polling ----------------------------------------------------------------------------


def poll(for_ms: int = 10_000, every_ms: int = 1) -> PollSpec:
    return PollSpec(for_ms=for_ms, every_ms=every_ms)


READY = (check("json", "$.state", expected="ready"),)
BUSY, DONE = answer(200, body='{"state":"busy"}'), answer(200, body='{"state":"ready"}')


@pytest.mark.parametrize(
    ("script", "n_polls"),
    [([DONE], 1), ([BUSY, BUSY, DONE], 3), ([HANG_UP, answer(404), BUSY, DONE], 4)],
)
def test_a_step_is_asked_until_it_passes(
    session: Session, script: list[str], n_polls: int
) -> None:
    with Scripted(*script) as server:
        result = ask(
            server.url,
            session,
            assertions=READY,
            extractions=(keep("state", "json", "$.state"),),
            poll=poll(),
        )
        assert server.n_requests == n_polls
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message == ""
    assert result.n_polls == n_polls
    assert len(result.exchanges) == 1  # of the last time
    assert [item.value for item in result.extractions] == ["ready"]


def test_polling_ends_in_time_and_says_how_often_it_asked(session: Session) -> None:
    with Scripted(BUSY) as server:
        began = time.monotonic()
        result = ask(server.url, session, assertions=READY, poll=poll(1_000, 300))
        took = time.monotonic() - began
    assert result.outcome is Outcome.FAILED
    assert f"(Asked {result.n_polls} times within 1000 ms.)" in result.message
    assert 2 <= result.n_polls <= 4
    assert took < 3 * 1 + 2


def test_the_deadline_of_the_case_ends_polling(session: Session) -> None:
    with Scripted(BUSY) as server:
        step = StepSpec(url="/", assertions=READY, poll=poll(60_000, 100))
        began = time.monotonic()
        attempt = Asking(server.url, session).case(step, timeout_ms=400)
        took = time.monotonic() - began
    assert attempt.outcome is Outcome.FAILED
    assert took < 3 * 0.4 + 2


def test_what_polling_cannot_change_is_asked_once(session: Session) -> None:
    with Scripted(BUSY) as server:
        result = Asking(server.url, session).step("/{{nobody}}", poll=poll())
        assert server.n_requests == 0
    assert result.outcome is Outcome.ERROR
    assert result.n_polls == 1


# --- delay, cancelling, bad specs -------------------------------------------------------


def test_a_delay_comes_before_the_request_and_counts(session: Session) -> None:
    with Scripted(answer(200)) as server:
        result = ask(server.url, session, delay_ms=150)
    assert result.outcome is Outcome.PASSED
    assert 150 <= result.duration_ms < 3 * 150 + 2000


def test_a_delay_longer_than_the_case_is_an_error_at_once(session: Session) -> None:
    with Scripted(answer(200)) as server:
        attempt = Asking(server.url, session).case(
            StepSpec(url="/", delay_ms=5_000), timeout_ms=1_000
        )
        assert server.n_requests == 0
    assert attempt.message == "The deadline of the case is over before the delay of 5000 ms."
    assert attempt.duration_ms < 2_000


@pytest.mark.parametrize(
    "fields",
    [
        {"delay_ms": 15_000},
        {"poll": poll(15_000, 14_000), "assertions": READY},
        {"resend": again(pause_ms=15_000)},
    ],
)
def test_a_pause_hears_that_the_run_was_cancelled(
    session: Session, fields: dict[str, Any]
) -> None:
    with Scripted(HANG_UP if "resend" in fields else BUSY) as server:
        stop_at = time.monotonic() + 0.3
        began = time.monotonic()
        result = ask(server.url, session, stopped=lambda: time.monotonic() > stop_at, **fields)
    assert result.outcome is Outcome.SKIPPED
    assert result.message == "Cancelled."
    assert time.monotonic() - began < 3 * 0.5 + 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"first_byte_ms": 0}, "first byte must be at least 1 ms, not 0."),
        ({"delay_ms": -1}, "The delay must be 0 ms or more, not -1."),
        ({"resend": again(11)}, "sent again 0 to 10 times, not 11."),
        ({"resend": again(on=())}, "needs a reason"),
        ({"resend": again(on=("rain",))}, "Unknown reason to send again 'rain'"),
        ({"resend": again(pause_ms=0)}, "The pause must be at least 1 ms, not 0."),
        ({"poll": poll(-1)}, "Polling must take 0 ms or more, not -1."),
        ({"poll": poll(5, 0)}, "Polling needs a pause of at least 1 ms, not 0."),
    ],
)
def test_what_makes_no_sense_is_refused(
    session: Session, fields: dict[str, Any], sentence: str
) -> None:
    result = ask("http://127.0.0.1:1", session, **fields)
    assert result.outcome is Outcome.ERROR
    assert sentence in result.message
    assert result.exchanges == ()


# --- the first byte ---------------------------------------------------------------------


def test_an_answer_that_does_not_begin_in_time_is_given_up(
    target: Target, asking: Asking
) -> None:
    began = time.monotonic()
    result = asking.step("/slow/15000", first_byte_ms=200)
    took = time.monotonic() - began
    assert result.outcome is Outcome.ERROR
    assert result.message == f"{target.address} gave no byte of an answer within 200 ms."
    assert took < 3 * 0.2 + 2


def test_an_answer_that_begins_in_time_may_take_longer(target: Target, asking: Asking) -> None:
    result = asking.step(
        "/drip?bytes=10&every_ms=50",
        first_byte_ms=2_000,
        assertions=(
            check("size", expected=10),
            check("duration", "", "greater_than", expected=400),
        ),
    )
    assert result.outcome is Outcome.PASSED, result.message
    late = asking.step("/drip?bytes=100&every_ms=50", first_byte_ms=2_000, timeout_ms=300)
    assert "gave no complete answer within 300 ms" in late.message


@pytest.mark.parametrize("url", ["/close", "/garbage", "/bad-gzip", "/close-in-middle"])
def test_watching_the_first_byte_changes_no_other_error(asking: Asking, url: str) -> None:
    plain, watched = asking.step(url), asking.step(url, first_byte_ms=5_000)
    assert watched.outcome is plain.outcome is Outcome.ERROR
    assert watched.message == plain.message
