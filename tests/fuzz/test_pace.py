"""A hostile case ends in time with a clear error; the threads beside it keep their pace."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from cases.engine.outcome import Attempt, Outcome
from cases.engine.spec import BodySpec, StepSpec
from cases.engine.transport import Session
from tests.engine.asking import Asking, check
from tests.fuzz.conftest import peak_mb
from tests.target import Target

pytestmark = pytest.mark.fuzz

TIMEOUT_MS = 3_000
THREADS = 4
DEEP = "[" * 100_000


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as target:
        yield target


BRANCHING = {
    "$defs": {
        "a": {"oneOf": [{"items": {"$ref": "#/$defs/a"}}, {"items": {"$ref": "#/$defs/a"}}]}
    },
    "$ref": "#/$defs/a",
}


def mirrored(text: str, *assertions: Any) -> StepSpec:
    body = BodySpec(kind="raw", text=text, content_type="application/json")
    return StepSpec(method="POST", url="/mirror", body=body, assertions=assertions)


HOSTILE = {
    "a pattern that backtracks": (
        mirrored("a" * 64 + "!", *[check("body", "", "matches", expected="(a|a)+$")] * 20),
        "took longer than 1 s",
    ),
    "JSON 100,000 levels deep": (
        mirrored(DEEP, check("json", "$[0]", "exists")),
        "the body is not JSON",
    ),
    "a gzip bomb of 10 GB": (
        StepSpec(url="/gzip-bomb?bytes=10000000000"),
        "larger than the limit of 10485760 bytes",
    ),
    "one byte a second": (
        StepSpec(url="/drip?bytes=100&every_ms=1000"),
        "gave no complete answer within 3000 ms",
    ),
    "a schema that asks itself in every branch": (
        mirrored(
            "[" * 100 + "1" + "]" * 100,
            check("json", comparator="matches_schema", expected=BRANCHING),
        ),
        "it is nested more than 15 times",
    ),
    "a thousand values sought in a thousand": (
        mirrored(
            f"[{','.join(['[0, 1]'] * 5_000)}]",
            *[check("json", comparator="contains_all", expected=[[0, 1]] * 5_000)] * 5,
            check("json", comparator="contains_all", expected=[[1]]),
        ),
        "should contain all of",
    ),
    "XML that asks to look everywhere": (
        mirrored(
            "<r>" + "<a><b/></a>" * 20_000 + "</r>",
            check("body", "", filters="xpath('//*[count(//b) > 5]')", expected=1),
        ),
        "would take too long",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_other_threads_keep_their_pace(name: str, target: Target) -> None:
    step, words = HOSTILE[name]
    pace(target, 0.5)  # connections, compiled specs
    alone = pace(target, 2.0)
    before = peak_mb()
    with ThreadPoolExecutor(1) as pool:
        hostile = pool.submit(run, target, step)
        beside = pace(target, 2.0)
        attempt, took = hostile.result()
    print(f"{name}: {took:.1f} s; others {alone:.0f} a second alone, {beside:.0f} beside it")  # noqa: T201
    assert attempt.outcome in (Outcome.ERROR, Outcome.FAILED)
    assert words in attempt.message
    assert took < 3 * TIMEOUT_MS / 1000 + 2
    # The target itself works for the hostile one too, in this process.
    assert beside > alone / 3
    assert peak_mb() - before < 200


def run(target: Target, step: StepSpec) -> tuple[Attempt, float]:
    session = Session()
    began = time.monotonic()
    attempt = Asking(target.url, session).case(step, timeout_ms=TIMEOUT_MS)
    took = time.monotonic() - began
    session.close()
    return attempt, took


def pace(target: Target, seconds: float) -> float:
    """Simple cases a second, of four threads."""
    ended = Event()

    def ask() -> int:
        session, done = Session(), 0
        asking = Asking(target.url, session)
        while not ended.is_set():
            result = asking.step("/json", assertions=(check("json", "$.id", expected=5),))
            assert result.outcome is Outcome.PASSED, result.message
            done += 1
        session.close()
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        began = time.monotonic()
        running = [pool.submit(ask) for _ in range(THREADS)]
        ended.wait(seconds)
        ended.set()
        n_done = sum(one.result() for one in running)
        return n_done / (time.monotonic() - began)
