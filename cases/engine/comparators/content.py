"""Comparators that ask what a text, a list or an object contains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cases.engine.comparators.base import (
    CannotCompare,
    Comparator,
    expected_list,
    expected_text,
    items,
    text,
)
from cases.engine.filters.arguments import a
from cases.engine.patterns import compile_regex, search
from cases.engine.values import identity, same


def _contains(actual: Any, expected: Any) -> bool:
    if isinstance(actual, str):
        if not isinstance(expected, str):
            raise CannotCompare(f"a text cannot contain {a(expected)}")
        return expected in actual
    if isinstance(actual, (list, tuple)):
        return any(same(item, expected) for item in actual)
    if isinstance(actual, dict):
        return isinstance(expected, str) and expected in actual
    raise CannotCompare(f"it is {a(actual)}, which contains nothing")


def _contains_all(actual: Any, expected: Any) -> bool:
    return all(_contained(actual, expected_list(expected, "contains_all")))


def _contains_any(actual: Any, expected: Any) -> bool:
    return any(_contained(actual, expected_list(expected, "contains_any")))


def _contained(actual: Any, wanted: list[Any]) -> Iterator[bool]:
    """Whether it contains each; a list is gone through once for all of them."""
    if isinstance(actual, (list, tuple)):
        found = set(map(identity, actual))
        return (identity(item) in found for item in wanted)
    return (_contains(actual, item) for item in wanted)


def _contains_only(actual: Any, expected: Any) -> bool:
    allowed = set(map(identity, expected_list(expected, "contains_only")))
    found = actual if isinstance(actual, dict) else items(actual)
    return all(identity(item) in allowed for item in found)


def _contains_ignoring_case(actual: Any, expected: Any) -> bool:
    wanted = expected_text(expected, "contains_ignoring_case")
    return wanted.casefold() in text(actual).casefold()


def _starts_with(actual: Any, expected: Any) -> bool:
    return text(actual).startswith(expected_text(expected, "starts_with"))


def _ends_with(actual: Any, expected: Any) -> bool:
    return text(actual).endswith(expected_text(expected, "ends_with"))


def _pattern(expected: Any) -> str:
    pattern = expected_text(expected, "matches")
    compile_regex(pattern)
    return pattern


def _matches(actual: Any, expected: str) -> bool:
    return search(expected, text(actual)) is not None


CONTENT = {
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
    "contains_any": Comparator(
        "contains any of",
        "contain any of",
        "Contains at least one value of a list.",
        _contains_any,
    ),
    "contains_only": Comparator(
        "contains only",
        "contain only",
        "A list, or the names of an object's members, without anything that is not in a list.",
        _contains_only,
    ),
    "contains_ignoring_case": Comparator(
        "contains, ignoring case",
        "contain, ignoring case,",
        "A text holds a text, capital and small letters alike.",
        _contains_ignoring_case,
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
        prepare=_pattern,
    ),
}
