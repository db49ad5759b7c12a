"""Cells of a table that hold any JSON value: what people read, and what they typed.

`200` is a number, `true` a boolean, `[1, 2]` a list; everything that is not JSON is a text
as it stands; a text that looks like JSON stands in quotes: `"200"`. `read(show(value))` is
the value again, with its type.
"""

from __future__ import annotations

import json
import math
from typing import Any


def show(value: Any) -> str:
    """The text that a cell of this value shows."""
    if isinstance(value, str) and _is_plain(value):
        return value
    text = json.dumps(value, ensure_ascii=False)
    return text if _is_unicode(text) else json.dumps(value)


def read(text: str) -> Any:
    """The value that somebody meant who typed this text."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text
    return value if _is_finite(value) else text


def _is_plain(text: str) -> bool:
    # A browser turns \r\n in a box into \n; an empty box does not show that it holds "".
    return bool(text) and "\r" not in text and _is_unicode(text) and read(text) is text


def _is_unicode(text: str) -> bool:
    """Lone surrogates are JSON, but no page can carry them."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _is_finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    return all(map(_is_finite, value)) if isinstance(value, list) else True


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON.")
