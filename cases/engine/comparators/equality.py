"""Comparators that ask whether two values are the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

from cases.engine.comparators.base import (
    CannotCompare,
    Comparator,
    expected_list,
    expected_text,
    items,
    text,
)
from cases.engine.difference import differences
from cases.engine.errors import CannotJudge
from cases.engine.filters.arguments import a
from cases.engine.values import identity, is_number, same


def _ignoring_case(actual: Any, expected: Any) -> bool:
    wanted = expected_text(expected, "equals_ignoring_case")
    return text(actual).casefold() == wanted.casefold()


def _any_order(actual: Any, expected: Any) -> bool:
    wanted = expected_list(expected, "equals_any_order")
    return Counter(map(identity, items(actual))) == Counter(map(identity, wanted))


def _close_to(actual: Any, expected: Any) -> bool:
    pair = expected_list(expected, "close_to")
    if len(pair) != 2 or not all(map(is_number, pair)):
        raise CannotJudge("close_to needs a list of two numbers: [value, tolerance].")
    if not is_number(actual):
        raise CannotCompare(f"it is {a(actual)}, not a number")
    return bool(abs(actual - pair[0]) <= pair[1])


def _is_in(actual: Any, expected: Any) -> bool:
    return any(same(actual, item) for item in expected_list(expected, "is_in"))


EQUALITY = {
    "equals": Comparator(
        "equals",
        "equal",
        "The same value of the same type.",
        same,
        differences=differences,
    ),
    "equals_ignoring_case": Comparator(
        "equals, ignoring case",
        "equal, ignoring case,",
        "The same text, capital and small letters alike.",
        _ignoring_case,
    ),
    "equals_any_order": Comparator(
        "equals, in any order",
        "equal, in any order,",
        "A list of the same elements, each as often.",
        _any_order,
    ),
    "close_to": Comparator(
        "is close to",
        "be close to",
        "A number no further from a value than a tolerance: [value, tolerance].",
        _close_to,
        meets="number",
    ),
    "is_in": Comparator("is in", "be in", "Equals one value of a list.", _is_in),
}
