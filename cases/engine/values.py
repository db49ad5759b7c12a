"""JSON values: their text, the name of their type, strict equality."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

# orjson reads integers beyond 64 bits as floats and would lose digits.
_LONG_NUMBER = re.compile(rb"\d{19}")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def to_json(value: Any) -> str:
    """Compact JSON text of any value; what JSON does not know becomes its text."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        try:
            return json.dumps(value, separators=(",", ":"), default=str)
        except RecursionError:
            return '"(nested too deeply)"'


def from_json(data: bytes) -> Any:
    """Parse a JSON document. Raises ValueError with a short reason."""
    if _LONG_NUMBER.search(data):
        try:
            return json.loads(data, parse_constant=_refuse)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        if _SURROGATE.search(data):  # half a pair is JSON, but orjson refuses it
            return json.loads(data, parse_constant=_refuse)
        raise


def as_text(value: Any) -> str:
    """A text as it is, anything else as JSON: true, null, 1.5, [1,2]."""
    return value if isinstance(value, str) else to_json(value)


def type_name(value: Any) -> str:
    """The JSON type of a value: text, number, boolean, null, list or object."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if value is None:
        return "null"
    if isinstance(value, (list, tuple)):
        return "list"
    return "object"


def is_deep(value: Any, limit: int = 100) -> bool:
    """Whether lists and objects stand inside each other more than `limit` times."""
    level = [value]
    for _ in range(limit):
        level = [child for item in level for child in _children(item)]
        if not level:
            return False
    return True


def leaves(value: Any) -> Iterator[str]:
    """Every text, and every number as text, inside a JSON value: what a secret is made of."""
    if isinstance(value, (dict, list, tuple)):
        for child in _children(value):
            yield from leaves(child)
    elif isinstance(value, str):
        yield value
    elif is_number(value):
        yield to_json(value)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def same(left: Any, right: Any) -> bool:
    """Equal in value and JSON type, at every depth: 200 is not "200", true is not 1."""
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and left.keys() == right.keys()
            and all(same(value, right[key]) for key, value in left.items())
        )
    if isinstance(left, (list, tuple)):
        return (
            isinstance(right, (list, tuple))
            and len(left) == len(right)
            and all(same(a, b) for a, b in zip(left, right, strict=True))
        )
    return bool(left == right) and type_name(left) == type_name(right)


def shown(value: Any, limit: int = 200) -> str:
    """A value inside a sentence: its JSON, cut when long."""
    return cut(to_json(value), limit)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, the last an ellipsis if something is missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
