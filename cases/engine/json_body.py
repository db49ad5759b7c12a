"""A JSON body with placeholders: sent as it was written, values put in as JSON.

    {"id": {{id}}, "name": "{{name}}", "text": "Hello {{name}}"}

Outside quotes a placeholder becomes JSON (a text gets its quotes). A quoted text that
is exactly one placeholder keeps the type of the value; inside a longer text, or as the
name of a member, it becomes text, escaped as JSON wants it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cases.engine.errors import BadSpec
from cases.engine.templates import Expression, parse
from cases.engine.values import as_text, to_json
from cases.engine.variables import Variables

_QUOTE = re.compile(r'\\.|"', re.DOTALL)
_MEMBER_NAME = re.compile(r"\s*:")


class _Spot(Enum):
    """Where a placeholder stands."""

    VALUE = "value"
    WITHIN_TEXT = "within a text"


@dataclass(frozen=True, slots=True)
class JsonTemplate:
    parts: tuple[str | tuple[_Spot, Expression], ...]

    def render(self, variables: Variables, place: str) -> str:
        return "".join(
            [
                part if isinstance(part, str) else _json(part, variables, place)
                for part in self.parts
            ]
        )


def parse_json_body(text: str) -> JsonTemplate:
    """Raises BadSpec when the text, placeholders aside, is not JSON."""
    pieces = list(parse(text).parts)
    parts: list[str | tuple[_Spot, Expression]] = []
    inside = False
    for number, piece in enumerate(pieces):
        if isinstance(piece, str):
            inside ^= _quotes(piece) % 2 == 1
            parts.append(piece)
            continue
        before = parts[-1] if parts else ""
        after = pieces[number + 1] if number + 1 < len(pieces) else ""
        if inside and _exactly(before, after):
            parts[-1] = str(before)[:-1]
            pieces[number + 1] = str(after)[1:]
            inside = False
            parts.append((_Spot.VALUE, piece))
        else:
            parts.append((_Spot.WITHIN_TEXT if inside else _Spot.VALUE, piece))
    template = JsonTemplate(tuple(part for part in parts if part != ""))
    _check(template)
    return template


def _exactly(before: object, after: object) -> bool:
    """Whether a placeholder fills its quotes, and is not the name of a member."""
    return (
        isinstance(before, str)
        and before.endswith('"')
        and isinstance(after, str)
        and after.startswith('"')
        and not _MEMBER_NAME.match(after, 1)
    )


def _quotes(piece: str) -> int:
    return sum(mark == '"' for mark in _QUOTE.findall(piece))


def _json(part: tuple[_Spot, Expression], variables: Variables, place: str) -> str:
    spot, expression = part
    value = variables.evaluate(expression, place)
    return to_json(value) if spot is _Spot.VALUE else to_json(as_text(value))[1:-1]


def _check(template: JsonTemplate) -> None:
    sample = "".join(
        part if isinstance(part, str) else "0" if part[0] is _Spot.VALUE else "x"
        for part in template.parts
    )
    try:
        json.loads(sample, parse_constant=_refuse)
    except RecursionError:
        raise BadSpec("The JSON body is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise BadSpec(
            f"The JSON body is not valid at line {error.lineno} column {error.colno}: "
            f"{error.msg}."
        ) from None


def _refuse(constant: str) -> Any:
    raise json.JSONDecodeError(f"{constant} is not JSON", constant, 0)
