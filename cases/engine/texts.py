"""Texts with placeholders, read and checked: what every part of a step is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cases.engine.compiled import NamedText, Text
from cases.engine.errors import BadSpec
from cases.engine.functions import FUNCTIONS, check_call
from cases.engine.templates import Template, parse


def compile_text(text: str, place: str) -> Text:
    """Raises BadSpec, with the place, for a placeholder that makes no sense."""
    return Text(_template(text, place), place)


def compile_pairs(
    pairs: Sequence[tuple[str, str]], kind: str, step: str = ""
) -> list[NamedText]:
    """Names and values; `kind` is what one of them is called: header, form field ..."""
    return [
        NamedText(
            compile_text(name, f"the name of {kind} {name}{step}"),
            compile_text(value, f"{kind} {name}{step}"),
        )
        for name, value in pairs
    ]


def check_templates(value: Any, place: str) -> None:
    """Raises BadSpec for a text anywhere inside a JSON value."""
    if isinstance(value, str):
        _template(value, place)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_templates(key, place)
            check_templates(item, place)
    elif isinstance(value, (list, tuple)):
        for item in value:
            check_templates(item, place)


def bad_name(name: str) -> str:
    """Why this cannot be the name of a variable."""
    return (
        f"{name!r} is not a name for a variable: it begins with a letter or _, "
        "then come letters, digits, _, - and dots."
    )


def unknown(what: str, value: str, known: Iterable[str]) -> str:
    """The sentence for a word that is in no table."""
    return f"Unknown {what} {value!r}; known are {', '.join(known)}."


def _template(text: str, place: str) -> Template:
    try:
        template = parse(text)
    except BadSpec as error:
        raise BadSpec(f"In {place}: {error}") from None
    if "{{" in text:
        for call in template.calls():
            if call.function not in FUNCTIONS:
                raise BadSpec(f"Function ${call.function} in {place} does not exist.")
            try:
                check_call(call.function, len(call.arguments))
            except TypeError as error:
                raise BadSpec(f"Function ${call.function} in {place}: {error}.") from None
    return template
