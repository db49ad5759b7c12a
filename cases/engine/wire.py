"""One exchange as the transport gets it."""

from __future__ import annotations

from typing import NamedTuple

from cases.engine.messages import Request
from cases.engine.policy import Policy


class Wire(NamedTuple):
    """One request with the limits it must keep."""

    request: Request
    policy: Policy
    timeout_ms: int
    connect_timeout_ms: int
    response_limit: int
    first_byte_ms: int | None = None  # None: whenever it comes
