"""Filters of texts."""

from __future__ import annotations

from typing import Any

from cases.engine.errors import CannotJudge
from cases.engine.filters.arguments import LONGEST, Filter, bounded, text_of, words
from cases.engine.patterns import replace_matches
from cases.engine.values import as_text, from_json, to_json


def _text(value: Any) -> str:
    """The value as text, so that "{{n | text}}" stays a text in a JSON body."""
    return value.hex() if isinstance(value, bytes) else as_text(value)


def _upper(value: Any) -> str:
    """The text in capital letters."""
    return as_text(value).upper()


def _lower(value: Any) -> str:
    """The text in small letters."""
    return as_text(value).lower()


def _trim(value: Any) -> str:
    """The text without white space around it."""
    return as_text(value).strip()


def _split(value: Any, separator: Any) -> list[str]:
    """A list of the pieces between separators."""
    mark = words(separator, "The separator of split")
    if not mark:
        raise CannotJudge("The separator of split is empty.")
    return text_of(value).split(mark)


def _lines(value: Any) -> list[str]:
    """A list of the lines of a text."""
    return text_of(value).splitlines()


def _replace(value: Any, old: Any, new: Any) -> str:
    """Every occurrence of a text replaced by another."""
    text = text_of(value)
    old, new = words(old, "What replace looks for"), words(new, "What replace puts there")
    if not old:
        raise CannotJudge("What replace looks for is empty.")
    if len(new) > len(old):
        bounded(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


def _replace_regex(value: Any, pattern: Any, new: Any) -> str:
    r"""Every match of a regular expression replaced; \1 or $1 is its first group."""
    pattern = words(pattern, "The pattern of replace_regex")
    new = words(new, "What replace_regex puts there")
    return replace_matches(pattern, new, text_of(value), LONGEST)


def _json(value: Any) -> str:
    """The value as JSON text: a text gets its quotes."""
    return to_json(value)


def parsed(value: Any) -> Any:
    """The value that a JSON text holds."""
    try:
        return from_json(value if isinstance(value, bytes) else text_of(value).encode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON ({error})") from None


TEXTS: dict[str, Filter] = {
    "text": _text,
    "upper": _upper,
    "lower": _lower,
    "trim": _trim,
    "split": _split,
    "lines": _lines,
    "replace": _replace,
    "replace_regex": _replace_regex,
    "json": _json,
    "from_json": parsed,
}
