"""Placeholders of a structure: `#uuid`, `##number`, `#regex ^a`, `#[3] #text`.

They stand where a value would. `##` before the word: the value may be missing or null.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cases.engine.errors import CannotJudge
from cases.engine.formats import FORMATS
from cases.engine.patterns import compile_regex, search
from cases.engine.values import TYPES, is_type

_LOOKS_LIKE_ONE = re.compile(r"##?(?:[A-Za-z]|\[)")
_LIST = re.compile(r"\[(\d*)\]\s*(.*)", re.DOTALL)
_OTHER_NAMES = {"string": "text", "array": "list"}
LITERAL = "#="  # `#=#fff` is the text #fff

# Beside these: the names of types and formats, `regex PATTERN` and `[N] PLACEHOLDER`.
WORDS = {
    "ignore": "anything, or nothing at all",
    "present": "any value, null too",
    "absent": "no member of that name",
    "notnull": "any value but null",
}


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One of them, read."""

    text: str
    word: str
    optional: bool = False
    pattern: str = ""  # of #regex
    length: int | None = None  # of #[3]
    each: Placeholder | None = None  # of #[] #uuid

    @property
    def may_be_missing(self) -> bool:
        return self.optional or self.word in ("ignore", "absent")

    def matches(self, value: Any) -> bool:
        """Whether a value that is there fits. Raises CannotJudge for a slow pattern."""
        if self.optional and value is None:
            return True
        if self.word in ("ignore", "present"):
            return True
        if self.word in ("absent", "notnull"):
            return self.word == "notnull" and value is not None
        if self.word in TYPES:
            return is_type(value, self.word)
        if self.word == "[":
            return self._matches_list(value)
        if not isinstance(value, str):
            return False
        if self.word == "regex":
            return search(self.pattern, value) is not None
        return FORMATS[self.word](value)

    def _matches_list(self, value: Any) -> bool:
        return (
            isinstance(value, (list, tuple))
            and self.length in (None, len(value))
            and (self.each is None or all(map(self.each.matches, value)))
        )


@lru_cache(maxsize=4096)
def read_placeholder(text: str) -> Placeholder | None:
    """None for a text that stands for itself. Raises CannotJudge for an unknown word."""
    if not _LOOKS_LIKE_ONE.match(text):
        return None
    optional = text.startswith("##")
    rest = text.lstrip("#")
    if match := _LIST.fullmatch(rest):
        inner = match[2].strip()
        return Placeholder(
            text,
            "[",
            optional,
            length=int(match[1]) if match[1] else None,
            each=_needed(inner) if inner else None,
        )
    word, _, pattern = rest.partition(" ")
    if word == "regex":
        compile_regex(pattern.strip())
        return Placeholder(text, word, optional, pattern=pattern.strip())
    word = _OTHER_NAMES.get(rest.strip(), rest.strip())
    if word not in WORDS and word not in TYPES and word not in FORMATS:
        raise CannotJudge(
            f"There is no placeholder {text}; a text that begins with # is written "
            f"{LITERAL}{text}."
        )
    return Placeholder(text, word, optional)


def _needed(text: str) -> Placeholder:
    found = read_placeholder(text)
    if found is None:
        raise CannotJudge(f"Behind #[] comes a placeholder, not {text!r}.")
    return found
