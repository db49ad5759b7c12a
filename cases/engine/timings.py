"""The phases of an exchange by name."""

from __future__ import annotations

from typing import Any

from cases.engine.messages import Timings
from cases.engine.patterns import Nothing

TIMINGS = ("dns", "connect", "tls", "first_byte", "total")


def read_timing(timings: Timings, path: str) -> Any:
    """Milliseconds since the exchange began; Nothing for a phase that did not happen."""
    name = path.strip()
    if name not in TIMINGS:
        return Nothing(f"there is no timing {name}; known are {', '.join(TIMINGS)}")
    found = getattr(timings, f"{name}_ms")
    if found is None:
        return Nothing(f"the exchange had no {name}: its connection was kept")
    return found
