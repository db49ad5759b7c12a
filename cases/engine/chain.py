"""A chain of filters behind a source: `split(',') | nth(1) | number`."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from cases.engine.errors import BadSpec, FunctionFailed
from cases.engine.functions import FUNCTIONS
from cases.engine.patterns import Nothing
from cases.engine.templates import Call, parse_chain
from cases.engine.variables import Variables


def compile_chain(text: str, place: str) -> tuple[Call, ...]:
    """Raises BadSpec for what is no chain of filters that exist."""
    try:
        calls = parse_chain(text)
    except ValueError as error:
        raise BadSpec(f"The filters {text!r} of {place} cannot be read: {error}.") from None
    for call in calls:
        if call.function not in FUNCTIONS:
            raise BadSpec(f"There is no filter {call.function}, as {place} wants it.")
        try:
            inspect.signature(FUNCTIONS[call.function]).bind(None, *call.arguments)
        except TypeError as error:
            raise BadSpec(f"Filter {call.function} of {place}: {error}.") from None
    return calls


def apply(calls: Sequence[Call], value: Any, variables: Variables, place: str) -> Any:
    """The value behind all filters; Nothing as soon as one does not suit it or finds nothing.

    Raises EngineError when a filter itself is at fault.
    """
    for call in calls:
        if isinstance(value, Nothing):
            return value
        arguments = [variables.evaluate(item, place) for item in call.arguments]
        try:
            value = variables.call(call.function, [value, *arguments], place)
        except FunctionFailed as failed:
            if not isinstance(failed.__cause__, ValueError):
                raise
            return Nothing(f"filter {call.function} failed: {failed.__cause__}")
    return value
