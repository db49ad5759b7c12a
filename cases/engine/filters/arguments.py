"""What filters ask of their value and their arguments, each with one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.engine.errors import CannotJudge
from cases.engine.values import as_text, is_number, shown, type_name

Filter = Callable[..., Any]

LONGEST = 20_000_000  # characters; a filter may make a text longer, a chain of them endless


def text_of(value: Any) -> str:
    """A text; a number or a boolean is its JSON text. Raises ValueError."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or is_number(value):
        return as_text(value)
    raise ValueError(f"{a(value)} is not a text")


def list_of(value: Any) -> list[Any]:
    """Raises ValueError for what is no list."""
    if isinstance(value, (list, tuple)):
        return list(value)
    raise ValueError(f"{a(value)} is not a list")


def bytes_of(value: Any) -> bytes:
    """Bytes as they are; anything else as UTF-8, what is no text as JSON."""
    return (
        value if isinstance(value, bytes) else as_text(value).encode("utf-8", "surrogatepass")
    )


def whole(argument: Any, what: str) -> int:
    """A whole number as argument. Raises CannotJudge."""
    if is_number(argument) and argument == int(argument):
        return int(argument)
    raise CannotJudge(f"{what} must be a whole number, not {shown(argument, 60)}.")


def words(argument: Any, what: str) -> str:
    """A text as argument. Raises CannotJudge."""
    if isinstance(argument, str):
        return argument
    raise CannotJudge(f"{what} must be a text, not {shown(argument, 60)}.")


def bounded(length: int) -> None:
    """Raises CannotJudge for a text that nobody should make."""
    if length > LONGEST:
        raise CannotJudge(f"A filter would make a text of more than {LONGEST} characters.")


def a(value: Any) -> str:
    """A value with its type, for a sentence."""
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return "null" if value is None else f"the {type_name(value)} {shown(value, 60)}"
