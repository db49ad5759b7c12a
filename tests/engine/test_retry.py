"""When a case is tried again."""

from __future__ import annotations

import pytest

from cases.engine import retry
from cases.engine.messages import Exchange, Request
from cases.engine.outcome import Attempt, Outcome, StepResult

EXCHANGE = Exchange(request=Request(method="GET", url="http://a/"), response=None)


@pytest.mark.parametrize(
    ("outcome", "sent", "worthwhile"),
    [
        (Outcome.FAILED, True, True),
        (Outcome.ERROR, True, True),
        (Outcome.ERROR, False, False),  # an undefined variable stays undefined
        (Outcome.PASSED, True, False),
        (Outcome.SKIPPED, True, False),  # cancelled
        (Outcome.BLOCKED, False, False),
    ],
)
def test_another_try_is_worthwhile(outcome: Outcome, sent: bool, worthwhile: bool) -> None:
    step = StepResult(name="", outcome=outcome, exchanges=(EXCHANGE,) if sent else ())
    assert retry.is_worthwhile(Attempt(outcome=outcome, steps=(step,))) is worthwhile


@pytest.mark.parametrize(
    ("retries", "deadline_ms", "pause_ms", "longest_ms"),
    [(0, 30_000, 1_000, 0), (1, 30_000, 1_000, 31_000), (5, 200, 0, 1_000)],
)
def test_the_last_try_begins_at_the_latest_after(
    retries: int, deadline_ms: int, pause_ms: int, longest_ms: int
) -> None:
    assert retry.longest_ms(retries, deadline_ms, pause_ms) == longest_ms
