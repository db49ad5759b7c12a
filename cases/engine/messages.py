"""One HTTP exchange as plain data: what was sent, what came back, how long it took.

Named tuples, for the reason in outcome.py. Where one is made for every case its fields are
given by place: by name they take nearly twice as long.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from cases.engine.long_body import LongBody
from cases.engine.plain_data import Pairs


class Request(NamedTuple):
    """Exactly what goes on the wire: nothing is added, folded or re-quoted later."""

    method: str
    url: str
    headers: Pairs = ()
    body: bytes | LongBody = b""
    size: int | None = None  # of the whole body, where only a part of it is kept

    @property
    def content(self) -> bytes:
        """The body in one piece: of a long one a copy."""
        return bytes(self.body)


class Timings(NamedTuple):
    """Milliseconds since the exchange began; None where it did not happen.

    A reused connection has no DNS, no connect and no TLS.
    """

    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    first_byte_ms: float | None = None
    total_ms: float = 0.0


class Response(NamedTuple):
    status: int
    reason: str = ""
    version: str = "1.1"
    url: str = ""
    headers: Pairs = ()
    body: bytes = b""  # decompressed
    timings: Timings = Timings()
    address: str = ""  # "127.0.0.1:8080", who really answered
    size: int | None = None  # of the whole body, where only a part of it is kept
    certificate: str = ""  # PEM, where it was asked for


# Why one more exchange was needed: a token was fetched; the request was repeated with the
# answer to a challenge or with a new token; the answer before it redirected; the same was
# sent again because no answer came.
Purpose = Literal["", "token", "auth", "redirect", "resend"]


class Exchange(NamedTuple):
    """A request and its answer, or the sentence that says why there is none."""

    request: Request
    response: Response | None = None
    error: str = ""
    purpose: Purpose = ""
