"""Filters that make numbers, and filters of numbers."""

from __future__ import annotations

import math
from typing import Any

from cases.engine.filters.arguments import Filter, a, whole
from cases.engine.values import from_json, is_number

Number = int | float


def number_of(value: Any) -> Number:
    """A number, or the one that a text holds. Raises ValueError."""
    found = value
    if isinstance(value, str):
        try:
            found = from_json(value.strip().encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            found = None
    if not is_number(found) or not math.isfinite(found):
        raise ValueError(f"{a(value)} is not a number")
    number: Number = found
    return number


def _number(value: Any) -> Number:
    """The number that a text holds."""
    return number_of(value)


def _integer(value: Any) -> int:
    """The whole number in a text or a number; digits behind the point are cut off."""
    return int(number_of(value))


def _float(value: Any) -> float:
    """The number in a text or a number, with a decimal point."""
    return float(number_of(value))


def _round(value: Any, digits: Any = 0) -> Number:
    """A number rounded to so many decimal places, half to even."""
    places = whole(digits, "The number of digits of round")
    return round(number_of(value), max(-400, min(400, places)) or None)


def _abs(value: Any) -> Number:
    """A number without its sign."""
    return abs(number_of(value))


NUMBERS: dict[str, Filter] = {
    "number": _number,
    "integer": _integer,
    "float": _float,
    "round": _round,
    "abs": _abs,
}
