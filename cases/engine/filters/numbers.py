"""Filters that make numbers, and filters of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from cases.engine.filters.arguments import Filter, a, whole
from cases.engine.values import from_json, is_number

Number = int | float

_BITS = 14_000  # 4,200 digits: about what Python reads and writes


def number_of(value: Any) -> Number:
    """A number, or the one that a text holds. Raises ValueError."""
    found = value
    if isinstance(value, str):
        try:
            found = from_json(value.strip().encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            found = None
    if not is_number(found) or (isinstance(found, float) and not math.isfinite(found)):
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
    number = number_of(value)
    try:
        return float(number)
    except OverflowError:
        raise ValueError(f"{a(value)} is too large for a decimal point") from None


def _round(value: Any, digits: Any = 0) -> Number:
    """A number rounded to so many decimal places, half to even."""
    places = whole(digits, "The number of digits of round")
    return round(number_of(value), max(-400, min(400, places)) or None)


def _plus(value: Any, other: Any) -> Number:
    """The sum of two numbers; like all reckoning here in decimals, as on paper."""
    return _reckoned(lambda a, b: a + b, value, other)


def _minus(value: Any, other: Any) -> Number:
    """A number less another."""
    return _reckoned(lambda a, b: a - b, value, other)


def _times(value: Any, other: Any) -> Number:
    """The product of two numbers."""
    return _reckoned(lambda a, b: a * b, value, other)


def _divided_by(value: Any, other: Any) -> Number:
    """A number divided by another; a whole one where nothing is left over."""
    return _reckoned(_quotient, value, other)


def _abs(value: Any) -> Number:
    """A number without its sign."""
    return abs(number_of(value))


def _reckoned(reckon: Callable[[Any, Any], Any], value: Any, other: Any) -> Number:
    """Whole numbers stay whole; 0.1 and 0.2 make 0.3. Raises ValueError."""
    first, second = number_of(value), number_of(other)
    if not (isinstance(first, int) and isinstance(second, int)):
        first, second = Decimal(repr(first)), Decimal(repr(second))  # type: ignore[assignment]
    found = reckon(first, second)
    return _bounded(float(found) if isinstance(found, Decimal) else found)


def _quotient(first: Any, second: Any) -> Any:
    if second == 0:
        raise ValueError("nothing can be divided by 0")
    if isinstance(first, int) and first % second == 0:
        return first // second
    return Decimal(first) / Decimal(second)


def _bounded(number: Number) -> Number:
    """Raises ValueError for a number that JSON readers would not take."""
    large = number.bit_length() > _BITS if isinstance(number, int) else math.isinf(number)
    if large:
        raise ValueError("the result is too large")
    return number


NUMBERS: dict[str, Filter] = {
    "number": _number,
    "integer": _integer,
    "float": _float,
    "round": _round,
    "abs": _abs,
    "plus": _plus,
    "minus": _minus,
    "times": _times,
    "divided_by": _divided_by,
}
