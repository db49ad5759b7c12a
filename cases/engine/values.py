"""JSON values: their text, the name of their type, strict equality."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

TYPES = ("text", "number", "integer", "boolean", "null", "list", "object")
ATOMS = frozenset({str, int, float, bool, type(None)})  # classes of values with none inside

# orjson reads integers beyond 64 bits as floats and would lose digits. To make all digits
# alike and look for a row of them is ten times as fast as to look for rb"\d{19}".
_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 19
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")
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
    if _LONG_NUMBER in data.translate(_ALIKE):
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


def is_type(value: Any, name: str) -> bool:
    """Whether it is of one of `TYPES`; 1.0 is an integer, as in JSON."""
    if name == "integer":
        return is_number(value) and (isinstance(value, int) or value.is_integer())
    return type_name(value) == name


def place_in(path: Iterable[str | int]) -> str:
    """A JSONPath of names and indexes: $.items[2].id"""
    return "$" + "".join(map(segment, path))


def segment(step: str | int) -> str:
    """One step of a JSONPath."""
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN_NAME.fullmatch(step):
        return f".{step}"
    escaped = step.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


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
    if type(left) is type(right) and type(left) in ATOMS:  # most are
        return bool(left == right)
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


def identity(value: Any) -> Any:
    """A key that two values share exactly when they are the `same`."""
    if isinstance(value, dict):
        return "object", frozenset((key, identity(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return "list", tuple(map(identity, value))
    return type_name(value), value


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
