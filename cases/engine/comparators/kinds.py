"""Comparators that ask what kind of value there is."""

from __future__ import annotations

from typing import Any

from cases.engine.comparators.base import CannotCompare, Comparator, expected_text, items, text
from cases.engine.errors import CannotJudge
from cases.engine.filters.arguments import a
from cases.engine.formats import FORMATS
from cases.engine.values import TYPES, identity, is_number, is_type

_TYPE_NAMES = {"string": "text", "array": "list", "int": "integer", "bool": "boolean"}


def _types(expected: Any) -> list[str]:
    names = expected if isinstance(expected, (list, tuple)) else [expected]
    if not names:
        raise CannotJudge("is_type needs a type, or a list of types.")
    return [_type(name) for name in names]


def _type(expected: Any) -> str:
    name = expected_text(expected, "is_type").strip().lower()
    name = _TYPE_NAMES.get(name, name)
    if name not in TYPES:
        raise CannotJudge(f"{expected!r} is not a type; known are {', '.join(TYPES)}.")
    return name


def _format(expected: Any) -> str:
    name = expected_text(expected, "is_format").strip().lower()
    if name not in FORMATS:
        raise CannotJudge(f"{expected!r} is not a format; known are {', '.join(FORMATS)}.")
    return name


def _is_type(actual: Any, names: list[str]) -> bool:
    return any(is_type(actual, name) for name in names)


def _is_format(actual: Any, name: str) -> bool:
    return FORMATS[name](text(actual))


def _is_empty(actual: Any, _: Any) -> bool:
    if actual is None:
        return True
    if isinstance(actual, (str, list, tuple, dict)):
        return not actual
    raise CannotCompare(f"it is {a(actual)}, which is neither empty nor full")


def _is_unique(actual: Any, _: Any) -> bool:
    keys = [identity(item) for item in items(actual)]
    return len(set(keys)) == len(keys)


def _has_length(actual: Any, expected: Any) -> bool:
    if not is_number(expected):
        raise CannotJudge(f"has_length needs a number as expected value, not {a(expected)}.")
    if not isinstance(actual, (str, list, tuple, dict)):
        raise CannotCompare(f"it is {a(actual)}, which has no length")
    return bool(len(actual) == expected)


KINDS = {
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
    "is_unique": Comparator(
        "has no element twice",
        "have no element twice",
        "A list whose elements all differ.",
        _is_unique,
        needs_expected=False,
    ),
    "is_type": Comparator(
        "is of type",
        "be of type",
        f"One of {', '.join(TYPES)}, or of a list of them.",
        _is_type,
        meets="as it is",
        prepare=_types,
    ),
    "is_format": Comparator(
        "has the format",
        "have the format",
        f"A text written as one of {', '.join(FORMATS)}.",
        _is_format,
        prepare=_format,
    ),
    "has_length": Comparator(
        "has length",
        "have length",
        "Characters of a text, elements of a list, members of an object.",
        _has_length,
        meets="as it is",
    ),
}
