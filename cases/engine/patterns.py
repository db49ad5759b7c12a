"""Regular expressions of testers: compiled once, bounded in time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import regex

from cases.engine.errors import BadSpec, CannotJudge

# Of CPU, which is how `regex` counts. Every call says concurrent=True as well, or a slow
# pattern would hold the GIL and stall all other threads.
REGEX_TIMEOUT_S = 1.0

_DOLLAR = re.compile(r"\$(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Nothing:
    """The answer does not hold what was asked for, and why."""

    reason: str


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
        raise _too_slow(pattern) from None


def first_match(pattern: str, text: str, where: str) -> Any:
    """The first group of the first match, or all of it where there is no group."""
    match = search(pattern, text)
    if match is None or (match.re.groups and match[1] is None):
        return Nothing(f"nothing in {where} matches {pattern}")
    return match[1] if match.re.groups else match[0]


def replace_matches(pattern: str, new: str, text: str, longest: int) -> str:
    r"""Every match replaced; \1, \g<name> and $1 are groups. Raises CannotJudge."""
    template = _DOLLAR.sub(r"\\g<\1>", new)
    pieces, end, length = [], 0, len(text)
    try:
        for match in compile_regex(pattern).finditer(
            text, timeout=REGEX_TIMEOUT_S, concurrent=True
        ):
            piece = match.expand(template)
            pieces += [text[end : match.start()], piece]
            end, length = match.end(), length + len(piece)
            if length > longest:
                raise CannotJudge(
                    f"Replacing {pattern!r} makes more than {longest} characters."
                )
    except TimeoutError:
        raise _too_slow(pattern) from None
    except (regex.error, IndexError) as error:
        raise CannotJudge(f"{new!r} cannot replace {pattern!r}: {error}.") from None
    return "".join([*pieces, text[end:]])


def _too_slow(pattern: str) -> CannotJudge:
    return CannotJudge(
        f"Regular expression {pattern!r} took longer than {REGEX_TIMEOUT_S:g} s."
    )
