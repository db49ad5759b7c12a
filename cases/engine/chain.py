"""A chain of filters behind a source: `split(',') | nth(1) | number`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cases.engine.errors import BadSpec, EngineError, FunctionFailed
from cases.engine.functions import FUNCTIONS, check_call
from cases.engine.jsonpaths import compile_jsonpath
from cases.engine.markup import compile_css, compile_xpath
from cases.engine.patterns import Nothing, compile_regex
from cases.engine.templates import Call, Literal, parse_chain
from cases.engine.variables import Variables

_CHECKS: dict[str, Callable[[str], object]] = {
    "regex": compile_regex,
    "replace_regex": compile_regex,
    "jsonpath": compile_jsonpath,
    "xpath": compile_xpath,
    "css": compile_css,
}


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
            check_call(call.function, 1 + len(call.arguments))
        except TypeError as error:
            raise BadSpec(f"Filter {call.function} of {place}: {error}.") from None
        _check_pattern(call)
    return calls


def _check_pattern(call: Call) -> None:
    """Raises BadSpec for a written path or pattern that cannot be read."""
    check = _CHECKS.get(call.function)
    if check is None or not call.arguments:
        return
    first = call.arguments[0]
    if isinstance(first, Literal) and isinstance(first.value, str):
        check(first.value)


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
            cause = failed.__cause__
            if isinstance(cause, EngineError):
                raise cause from None
            if not isinstance(cause, ValueError):
                raise
            return Nothing(f"filter {call.function} failed: {cause}")
    return value
