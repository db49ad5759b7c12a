"""When a whole case is tried again: pure arithmetic.

Of three retries this is the outermost, the *case retry*: all steps once more, from the
first, with the variables and the empty cookie jar of a new try. Every try has the case's
whole deadline; between two tries there is a pause.
"""

from __future__ import annotations

from cases.engine.outcome import Attempt, Outcome

MOST = 5
# Where nobody says otherwise.
PAUSE_MS = 1_000


def is_worthwhile(attempt: Attempt) -> bool:
    """Whether another try may end otherwise: it did not pass, and something was sent.

    A variable without a value stays without one; what was cancelled stays cancelled.
    """
    return attempt.outcome in (Outcome.FAILED, Outcome.ERROR) and any(
        step.exchanges for step in attempt.steps
    )


def longest_ms(retries: int, deadline_ms: int, pause_ms: int) -> int:
    """How long after its first try a case begins the last one, if each try takes all of
    its time."""
    return retries * (deadline_ms + pause_ms)
