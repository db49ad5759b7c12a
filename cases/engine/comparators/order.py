"""Comparators about order: numbers by size, texts by their characters, dates by time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from operator import ge, gt, le, lt
from typing import Any

from cases.engine.comparators.base import (
    CannotCompare,
    Comparator,
    expected_list,
    items,
)
from cases.engine.errors import CannotJudge
from cases.engine.filters.arguments import a
from cases.engine.filters.dates import moment_of
from cases.engine.values import is_number

_DIRECTIONS: dict[str, Callable[[Any, Any], bool]] = {"ascending": le, "descending": ge}


def _ordered(actual: Any, expected: Any) -> tuple[Any, Any]:
    """Two numbers, or two texts (dates in ISO 8601 sort as texts)."""
    if is_number(actual) and is_number(expected):
        return actual, expected
    if not is_number(expected) and not isinstance(expected, str):
        raise CannotJudge(f"Only numbers and texts have an order, not {a(expected)}.")
    if not isinstance(actual, str) or not isinstance(expected, str):
        raise CannotCompare(f"{a(actual)} and {a(expected)} have no order")
    return actual, expected


def _by(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda actual, expected: bool(holds(*_ordered(actual, expected)))


def _between(actual: Any, expected: Any) -> bool:
    bounds = expected_list(expected, "between")
    if len(bounds) != 2:
        raise CannotJudge("between needs a list of two values, both included.")
    return bool(ge(*_ordered(actual, bounds[0])) and le(*_ordered(actual, bounds[1])))


def _expected_date(expected: Any) -> datetime:
    try:
        return moment_of(expected)
    except ValueError as error:
        raise CannotJudge(f"As expected value {error}.") from None


def _date(actual: Any) -> datetime:
    try:
        return moment_of(actual)
    except ValueError as error:
        raise CannotCompare(str(error)) from None


def _direction(expected: Any) -> Callable[[Any, Any], bool]:
    holds = _DIRECTIONS.get(expected) if isinstance(expected, str) else None
    if holds is None:
        raise CannotJudge(f"is_sorted needs {' or '.join(_DIRECTIONS)}, not {a(expected)}.")
    return holds


def _is_sorted(actual: Any, holds: Callable[[Any, Any], bool]) -> bool:
    values = items(actual)
    if not (all(map(is_number, values)) or all(isinstance(item, str) for item in values)):
        raise CannotCompare("a list has an order when it holds only numbers, or only texts")
    return all(holds(left, right) for left, right in pairwise(values))


_SIZE = "Numbers by size, texts by order."

ORDER = {
    "greater_than": Comparator(
        "is greater than", "be greater than", _SIZE, _by(gt), meets="number"
    ),
    "greater_or_equal": Comparator(
        "is greater than or equal to",
        "be greater than or equal to",
        _SIZE,
        _by(ge),
        meets="number",
    ),
    "less_than": Comparator("is less than", "be less than", _SIZE, _by(lt), meets="number"),
    "less_or_equal": Comparator(
        "is less than or equal to",
        "be less than or equal to",
        _SIZE,
        _by(le),
        meets="number",
    ),
    "between": Comparator(
        "is between",
        "be between",
        "Within a list of two bounds, both included.",
        _between,
        meets="number",
    ),
    "before": Comparator(
        "is before",
        "be before",
        "A date earlier than another, whatever their zones.",
        lambda actual, expected: _date(actual) < expected,
        meets="as it is",
        prepare=_expected_date,
    ),
    "after": Comparator(
        "is after",
        "be after",
        "A date later than another, whatever their zones.",
        lambda actual, expected: _date(actual) > expected,
        meets="as it is",
        prepare=_expected_date,
    ),
    "is_sorted": Comparator(
        "is sorted",
        "be sorted",
        "A list of numbers or of texts in ascending or descending order.",
        _is_sorted,
        prepare=_direction,
    ),
}
