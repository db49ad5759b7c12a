"""Where two JSON values differ: one line for each place, as a person would say it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from cases.engine.values import place_in, same, segment, shown

MOST_LINES = 50
_LONGEST = 60  # characters of a value in a line
_NAMES = 10  # members of an object that are named

Path = tuple[str | int, ...]


def differences(actual: Any, expected: Any) -> list[str]:
    """At most 50 lines; none when both are the same. `$.a[1]: 5 instead of 6`."""
    return list(islice(_walk(actual, expected, ()), MOST_LINES))


def instead(path: Path, actual: Any, expected: Any) -> str:
    return f"{place_in(path)}: {brief(actual)} instead of {brief(expected)}"


def missing(path: Path, expected: Any) -> str:
    return f"{place_in(path)}: missing, expected was {brief(expected)}"


def surplus(path: Path, actual: Any) -> str:
    return f"{place_in(path)}: not expected, was {brief(actual)}"


def brief(value: Any) -> str:
    """A value in a line that has others beside it."""
    return shown(value, _LONGEST)


def nearest(steps: list[str | int], document: Any) -> str:
    """What is there on the way to a place that is not, for a sentence."""
    node, reached = document, "$"
    for step in steps:
        held = _held(node, step)
        if held is None:
            break
        node, reached = held[0], reached + segment(step)
    if isinstance(node, dict):
        names = ", ".join(map(brief, islice(node, _NAMES)))
        more = f" and {len(node) - _NAMES} more" if len(node) > _NAMES else ""
        return f"{reached} has {names}{more}" if node else f"{reached} is empty"
    if isinstance(node, list):
        return f"{reached} has {len(node)} element{'' if len(node) == 1 else 's'}"
    return f"{reached} is {brief(node)}"


def _held(node: Any, step: str | int) -> tuple[Any] | None:
    """What stands at one step of a path, if anything does."""
    if isinstance(node, dict) and step in node:
        return (node[step],)
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return (node[step],)
    return None


def _walk(actual: Any, expected: Any, path: Path) -> Iterator[str]:
    if isinstance(actual, dict) and isinstance(expected, dict):
        for name, value in expected.items():
            if name in actual:
                yield from _walk(actual[name], value, (*path, name))
            else:
                yield missing((*path, name), value)
        for name, value in actual.items():
            if name not in expected:
                yield surplus((*path, name), value)
    elif isinstance(actual, (list, tuple)) and isinstance(expected, (list, tuple)):
        for index, (left, right) in enumerate(zip(actual, expected, strict=False)):
            yield from _walk(left, right, (*path, index))
        for index in range(len(actual), len(expected)):
            yield missing((*path, index), expected[index])
        for index in range(len(expected), len(actual)):
            yield surplus((*path, index), actual[index])
    elif not same(actual, expected):
        yield instead(path, actual, expected)
