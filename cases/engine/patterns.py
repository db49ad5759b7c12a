"""JSONPath and regular expressions of testers: compiled once, bounded in time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonpath
import regex
from jsonpath.function_extensions import Match, Search

from cases.engine.errors import BadSpec, CannotJudge

# Of CPU, which is how `regex` counts. Every call says concurrent=True as well, or a slow
# pattern would hold the GIL and stall all other threads.
REGEX_TIMEOUT_S = 1.0
MOST_NODES = 100_000  # $..*..* finds more values than the document holds

_PLAIN = re.compile(
    r"\$(?:\.[A-Za-z_]\w*|\[(?:0|[1-9]\d{0,8})\]|\['[^'\\\x00-\x1f]*'\])*", re.ASCII
)
_SEGMENT = re.compile(r"\.(\w+)|\[(\d+)\]|\['([^'\\]*)'\]", re.ASCII)

Find = Callable[[Any], list[Any]]


@dataclass(frozen=True, slots=True)
class Nothing:
    """The answer does not hold what was asked for, and why."""

    reason: str


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


_JSONPATH = jsonpath.JSONPathEnvironment(strict=True)  # RFC 9535, no extensions
_JSONPATH.function_extensions["match"] = _Match(thread_safe=True)
_JSONPATH.function_extensions["search"] = _Search(thread_safe=True)


@lru_cache(maxsize=4096)
def compile_jsonpath(path: str) -> Find:
    """A function from a document to the values of all nodes found. Raises BadSpec."""
    if _PLAIN.fullmatch(path):
        return _walk(path)
    if not path.startswith("$"):
        raise BadSpec(f"JSONPath {path!r} is not valid: it must begin with $.")
    try:
        compiled = _JSONPATH.compile(path)
    except (jsonpath.JSONPathError, RecursionError, ValueError) as error:
        # Not str(error): it quotes the place, and fails where that is the end.
        reason = str(error.args[0]).split("\n", 1)[0].rstrip(".")
        raise BadSpec(f"JSONPath {path!r} is not valid: {reason}.") from None

    def find(document: Any) -> list[Any]:
        nodes = compiled.finditer(document)
        return [node.value for node in islice(nodes, MOST_NODES + 1)]

    return find


def find_json(path: str, document: Any) -> Any:
    """One node: its value. Several: a list. None: Nothing."""
    try:
        found = compile_jsonpath(path)(document)
    except TimeoutError:
        raise CannotJudge(
            f"A pattern in JSONPath {path!r} took longer than {REGEX_TIMEOUT_S:g} s."
        ) from None
    except (jsonpath.JSONPathError, RecursionError) as error:
        raise CannotJudge(f"JSONPath {path!r} cannot be followed: {error.args[0]}.") from None
    if len(found) > MOST_NODES:
        raise CannotJudge(f"JSONPath {path!r} finds more than {MOST_NODES} values.")
    if not found:
        return Nothing(f"nothing found at {path}")
    return found[0] if len(found) == 1 else found


@lru_cache(maxsize=4096)
def compile_regex(pattern: str) -> regex.Pattern[str]:
    """Raises BadSpec with what is wrong and where."""
    try:
        return regex.compile(pattern)
    except (regex.error, RecursionError, ValueError) as error:
        raise BadSpec(f"Regular expression {pattern!r} is not valid: {error}.") from None


def search(pattern: str, text: str) -> regex.Match[str] | None:
    """The first match anywhere. Raises CannotJudge if it takes too long."""
    try:
        return compile_regex(pattern).search(text, timeout=REGEX_TIMEOUT_S, concurrent=True)
    except TimeoutError:
        raise CannotJudge(
            f"Regular expression {pattern!r} took longer than {REGEX_TIMEOUT_S:g} s."
        ) from None


def _walk(path: str) -> Find:
    """Plain paths are most paths: a walk is many times cheaper than a query."""
    steps: list[str | int] = [
        int(index) if index else name or quoted
        for name, index, quoted in _SEGMENT.findall(path)
    ]

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
