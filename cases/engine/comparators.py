"""The table of comparators: what must hold between an actual and an expected value.

All are strict about types: 200 is not "200", true is not 1. A comparator answers True
or False; it raises CannotCompare when the answer is of a type that it does not know
(the assertion fails, negated or not) and CannotJudge when the expected value makes no
sense (the assertion is an error: the test is at fault).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cases.engine.errors import CannotJudge
from cases.engine.patterns import search
from cases.engine.values import is_number, same, shown, type_name

TYPES = ("text", "number", "integer", "boolean", "null", "list", "object")
_TYPE_NAMES = {"string": "text", "array": "list", "int": "integer", "bool": "boolean"}


class CannotCompare(Exception):
    """The actual value is of a type that the comparator does not know."""


@dataclass(frozen=True, slots=True)
class Comparator:
    label: str
    phrase: str  # completes "should ..." and "should not ..."
    description: str
    check: Callable[[Any, Any], bool]
    needs_expected: bool = True


def _text(actual: Any) -> str:
    if not isinstance(actual, str):
        raise CannotCompare(f"it is {_a(actual)}, not a text")
    return actual


def _expected_text(expected: Any, comparator: str) -> str:
    if not isinstance(expected, str):
        raise CannotJudge(f"{comparator} needs a text as expected value, not {_a(expected)}.")
    return expected


def _contains(actual: Any, expected: Any) -> bool:
    if isinstance(actual, str):
        if not isinstance(expected, str):
            raise CannotCompare(f"a text cannot contain {_a(expected)}")
        return expected in actual
    if isinstance(actual, (list, tuple)):
        return any(same(item, expected) for item in actual)
    if isinstance(actual, dict):
        return isinstance(expected, str) and expected in actual
    raise CannotCompare(f"it is {_a(actual)}, which contains nothing")


def _contains_all(actual: Any, expected: Any) -> bool:
    return all(_contains(actual, item) for item in _list(expected, "contains_all"))


def _matches(actual: Any, expected: Any) -> bool:
    return search(_expected_text(expected, "matches"), _text(actual)) is not None


def _starts_with(actual: Any, expected: Any) -> bool:
    return _text(actual).startswith(_expected_text(expected, "starts_with"))


def _ends_with(actual: Any, expected: Any) -> bool:
    return _text(actual).endswith(_expected_text(expected, "ends_with"))


def _ignoring_case(actual: Any, expected: Any) -> bool:
    text = _expected_text(expected, "equals_ignoring_case")
    return _text(actual).casefold() == text.casefold()


def _ordered(actual: Any, expected: Any) -> tuple[Any, Any]:
    """Two numbers, or two texts (dates in ISO 8601 sort as texts)."""
    if not is_number(expected) and not isinstance(expected, str):
        raise CannotJudge(f"Only numbers and texts have an order, not {_a(expected)}.")
    if is_number(actual) != is_number(expected) or not (
        is_number(actual) or isinstance(actual, str)
    ):
        raise CannotCompare(f"{_a(actual)} and {_a(expected)} have no order")
    return actual, expected


def _greater_than(actual: Any, expected: Any) -> bool:
    left, right = _ordered(actual, expected)
    return bool(left > right)


def _greater_or_equal(actual: Any, expected: Any) -> bool:
    left, right = _ordered(actual, expected)
    return bool(left >= right)


def _less_than(actual: Any, expected: Any) -> bool:
    left, right = _ordered(actual, expected)
    return bool(left < right)


def _less_or_equal(actual: Any, expected: Any) -> bool:
    left, right = _ordered(actual, expected)
    return bool(left <= right)


def _between(actual: Any, expected: Any) -> bool:
    bounds = _list(expected, "between")
    if len(bounds) != 2:
        raise CannotJudge("between needs a list of two values, both included.")
    return _greater_or_equal(actual, bounds[0]) and _less_or_equal(actual, bounds[1])


def _is_empty(actual: Any, _: Any) -> bool:
    if actual is None:
        return True
    if isinstance(actual, (str, list, tuple, dict)):
        return not actual
    raise CannotCompare(f"it is {_a(actual)}, which is neither empty nor full")


def _is_type(actual: Any, expected: Any) -> bool:
    name = _expected_text(expected, "is_type").strip().lower()
    name = _TYPE_NAMES.get(name, name)
    if name not in TYPES:
        raise CannotJudge(f"{expected!r} is not a type; known are {', '.join(TYPES)}.")
    if name == "integer":
        return is_number(actual) and (isinstance(actual, int) or actual.is_integer())
    return type_name(actual) == name


def _has_length(actual: Any, expected: Any) -> bool:
    if not is_number(expected):
        raise CannotJudge(f"has_length needs a number as expected value, not {_a(expected)}.")
    if not isinstance(actual, (str, list, tuple, dict)):
        raise CannotCompare(f"it is {_a(actual)}, which has no length")
    return bool(len(actual) == expected)


def _is_in(actual: Any, expected: Any) -> bool:
    return any(same(actual, item) for item in _list(expected, "is_in"))


def _list(expected: Any, comparator: str) -> list[Any]:
    if not isinstance(expected, (list, tuple)):
        raise CannotJudge(f"{comparator} needs a list as expected value, not {_a(expected)}.")
    return list(expected)


def _a(value: Any) -> str:
    return "null" if value is None else f"the {type_name(value)} {shown(value, 60)}"


ORDER = ("greater_than", "greater_or_equal", "less_than", "less_or_equal", "between")

COMPARATORS: dict[str, Comparator] = {
    "equals": Comparator("equals", "equal", "The same value of the same type.", same),
    "equals_ignoring_case": Comparator(
        "equals, ignoring case",
        "equal, ignoring case,",
        "The same text, capital and small letters alike.",
        _ignoring_case,
    ),
    "contains": Comparator(
        "contains",
        "contain",
        "A text holds a text, a list an element, an object a member of that name.",
        _contains,
    ),
    "contains_all": Comparator(
        "contains all of",
        "contain all of",
        "Contains every value of a list.",
        _contains_all,
    ),
    "starts_with": Comparator(
        "starts with", "start with", "The text begins with it.", _starts_with
    ),
    "ends_with": Comparator("ends with", "end with", "The text ends with it.", _ends_with),
    "matches": Comparator(
        "matches",
        "match",
        "A regular expression matches somewhere in the text.",
        _matches,
    ),
    "greater_than": Comparator(
        "is greater than",
        "be greater than",
        "Numbers by size, texts by order.",
        _greater_than,
    ),
    "greater_or_equal": Comparator(
        "is greater than or equal to",
        "be greater than or equal to",
        "Numbers by size, texts by order.",
        _greater_or_equal,
    ),
    "less_than": Comparator(
        "is less than", "be less than", "Numbers by size, texts by order.", _less_than
    ),
    "less_or_equal": Comparator(
        "is less than or equal to",
        "be less than or equal to",
        "Numbers by size, texts by order.",
        _less_or_equal,
    ),
    "between": Comparator(
        "is between",
        "be between",
        "Within a list of two bounds, both included.",
        _between,
    ),
    "exists": Comparator(
        "exists",
        "exist",
        "There is a value, even null.",
        lambda *_: True,
        needs_expected=False,
    ),
    "is_empty": Comparator(
        "is empty",
        "be empty",
        "An empty text, list or object, or null.",
        _is_empty,
        needs_expected=False,
    ),
    "is_type": Comparator("is of type", "be of type", f"One of {', '.join(TYPES)}.", _is_type),
    "has_length": Comparator(
        "has length",
        "have length",
        "Characters of a text, elements of a list, members of an object.",
        _has_length,
    ),
    "is_in": Comparator("is in", "be in", "Equals one value of a list.", _is_in),
}
