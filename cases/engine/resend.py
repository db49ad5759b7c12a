"""When the same request is sent once more: the *transport retry*, pure arithmetic.

Of three retries this is the innermost. Around it stands *poll-until* (the whole step until
it passes), around that the *case retry* (`retry.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from cases.engine.messages import Response
from cases.engine.spec import ResendSpec

MOST = 10
LONGEST_PAUSE_MS = 60_000
BUSY = (429, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Reason:
    label: str
    description: str


REASONS: dict[str, Reason] = {
    "connect": Reason(
        "No connection", "No host of that name, refused, or TLS not set up: nothing was sent."
    ),
    "broken": Reason(
        "Connection broken", "It ended before the answer was whole; the target may have acted."
    ),
    "timeout": Reason(
        "Too late", "No whole answer within the deadline; the target may have acted."
    ),
    "busy": Reason("Target busy", "Status 429, 502, 503 or 504; Retry-After is kept."),
}


def is_busy(response: Response) -> bool:
    return response.status in BUSY


def pause_ms(resend: ResendSpec, n_before: int, response: Response | None) -> int:
    """How long to wait before the next try; what the target asks for, if that is longer."""
    doubled = min(resend.pause_ms << n_before, LONGEST_PAUSE_MS)
    headers = response.headers if response else ()
    asked = next((value for name, value in headers if name.lower() == "retry-after"), "")
    return max(doubled, int(asked) * 1_000) if asked.isdecimal() and len(asked) < 7 else doubled
