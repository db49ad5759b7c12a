"""JSONPaths of testers (RFC 9535): compiled once, bounded in time and in what they find."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonpath
from jsonpath.function_extensions import Match, Search

from cases.engine.difference import nearest
from cases.engine.errors import BadSpec, CannotJudge
from cases.engine.patterns import REGEX_TIMEOUT_S, Nothing

MOST_NODES = 100_000  # $..*..* finds more values than the document holds
TIMEOUT_S = 2.0  # $..[?count($..*) > 5] grows with the square of the document

_PLAIN = re.compile(
    r"\$(?:\.[A-Za-z_]\w*|\[(?:0|[1-9]\d{0,8})\]|\['[^'\\\x00-\x1f]*'\])*", re.ASCII
)
_SEGMENT = re.compile(r"\.(\w+)|\[(\d+)\]|\['([^'\\]*)'\]", re.ASCII)

Find = Callable[[Any], list[Any]]


class _LooksTooLong(Exception):
    """A query takes longer than anybody waits for."""


class _Clock(threading.local):
    """When the query that runs in this thread has to be ready."""

    ends_at = 0.0


class _Environment(jsonpath.JSONPathEnvironment):
    """RFC 9535 without extensions; filters look at the clock each time they are asked."""

    def is_truthy(self, obj: object) -> bool:
        if time.monotonic() > _clock.ends_at:
            raise _LooksTooLong
        return bool(super().is_truthy(obj))


class _Match(Match):
    """match() of RFC 9535, with a limit on its time."""

    def __call__(self, value: object, pattern: object) -> bool:
        return _bounded(self, value, pattern, "fullmatch")


class _Search(Search):
    """search() of RFC 9535, with a limit on its time."""

    def __call__(self, value: object, pattern: object) -> bool:
        return _bounded(self, value, pattern, "search")


def _bounded(function: Match | Search, value: object, pattern: object, how: str) -> bool:
    if not isinstance(value, str) or not isinstance(pattern, str):
        return False
    compiled = function.check_cache(pattern)
    if compiled is None:
        return False
    return getattr(compiled, how)(value, timeout=REGEX_TIMEOUT_S, concurrent=True) is not None


_FAILURES = (_LooksTooLong, TimeoutError, jsonpath.JSONPathError, RecursionError)

_clock = _Clock()
_JSONPATH = _Environment(strict=True)
_JSONPATH.function_extensions["match"] = _Match(thread_safe=True)
_JSONPATH.function_extensions["search"] = _Search(thread_safe=True)


@lru_cache(maxsize=4096)
def compile_jsonpath(path: str) -> Find:
    """A function from a document to the values of all nodes found. Raises BadSpec."""
    if _PLAIN.fullmatch(path):
        return _walk(path)
    compiled = _compiled(path)

    return lambda document: [node.value for node in _nodes(compiled, document)]


@lru_cache(maxsize=4096)
def _compiled(path: str) -> Any:
    if not path.startswith("$"):
        raise BadSpec(f"JSONPath {path!r} is not valid: it must begin with $.")
    try:
        return _JSONPATH.compile(path)
    except (jsonpath.JSONPathError, RecursionError, ValueError) as error:
        # Not str(error): it quotes the place, and fails where that is the end.
        reason = str(error.args[0]).split("\n", 1)[0].rstrip(".")
        raise BadSpec(f"JSONPath {path!r} is not valid: {reason}.") from None


def find_json(path: str, document: Any) -> Any:
    """One node: its value. Several: a list. None: Nothing."""
    try:
        found = compile_jsonpath(path)(document)
    except _FAILURES as error:
        raise _not_followed(path, error) from None
    if len(found) > MOST_NODES:
        raise _too_many(path)
    if not found:
        return Nothing(f"nothing found at {path}{_nearest(path, document)}")
    return found[0] if len(found) == 1 else found


def find_places(path: str, document: Any) -> list[tuple[str | int, ...]]:
    """The names and indexes that lead to each node found."""
    try:
        nodes = _nodes(_compiled(path), document)
    except _FAILURES as error:
        raise _not_followed(path, error) from None
    if len(nodes) > MOST_NODES:
        raise _too_many(path)
    return [node.parts for node in nodes]


def _nodes(compiled: Any, document: Any) -> list[Any]:
    if not isinstance(document, (dict, list)):
        return []  # nothing is inside it; the library would read a text as JSON
    _clock.ends_at = time.monotonic() + TIMEOUT_S
    return list(islice(compiled.finditer(document), MOST_NODES + 1))


def _not_followed(path: str, error: Exception) -> CannotJudge:
    if isinstance(error, _LooksTooLong):
        return CannotJudge(f"JSONPath {path!r} took longer than {TIMEOUT_S:g} s.")
    if isinstance(error, TimeoutError):
        return CannotJudge(
            f"A pattern in JSONPath {path!r} took longer than {REGEX_TIMEOUT_S:g} s."
        )
    return CannotJudge(f"JSONPath {path!r} cannot be followed: {error.args[0]}.")


def _too_many(path: str) -> CannotJudge:
    return CannotJudge(f"JSONPath {path!r} finds more than {MOST_NODES} values.")


def _nearest(path: str, document: Any) -> str:
    """For a plain path: how far it leads, and what is there."""
    if not _PLAIN.fullmatch(path):
        return ""
    return f"; {nearest(_steps(path), document)}"


def _walk(path: str) -> Find:
    """Plain paths are most paths: a walk is many times cheaper than a query."""
    steps = _steps(path)

    def find(node: Any) -> list[Any]:
        for step in steps:
            if isinstance(step, int):
                if not isinstance(node, list) or step >= len(node):
                    return []
            elif not isinstance(node, dict) or step not in node:
                return []
            node = node[step]
        return [node]

    return find


def _steps(path: str) -> list[str | int]:
    return [
        int(index) if index else name or quoted
        for name, index, quoted in _SEGMENT.findall(path)
    ]
