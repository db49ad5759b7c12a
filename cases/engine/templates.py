"""The grammar of placeholders: a text becomes parts. variables.py renders them.

    {{name}}               a variable
    {{$random_int(1, 9)}}  a function; its arguments are texts in quotes, numbers,
                           true, false, null, or names of variables
    {{name | base64}}      a filter: the same functions, the value comes first
    {{'{{'}}               a quoted text stands for itself: two literal braces

Compiling costs microseconds and is remembered per text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cases.engine.errors import BadSpec

NAME = re.compile(r"[^\W\d][\w.\-]*")

_PLACEHOLDER = re.compile(
    r"""\{\{((?:[^{}'"]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*)\}\}""", re.DOTALL
)
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<function>\$[^\W\d]\w*)
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<name>[^\W\d][\w.\-]*)
      | (?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
      | (?P<mark>[(),|])
      | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Literal | Name | Call, ...]


Expression = Literal | Name | Call


@dataclass(frozen=True, slots=True)
class Template:
    """A text cut at its placeholders: literal pieces and expressions, in order."""

    text: str
    parts: tuple[str | Expression, ...]
    has_placeholders: bool = True

    @property
    def single(self) -> Expression | None:
        """The expression, if the text is exactly one placeholder."""
        if len(self.parts) == 1 and not isinstance(self.parts[0], str):
            return self.parts[0]
        return None

    def calls(self) -> Iterator[Call]:
        """All functions called, for checking before a run."""
        for part in self.parts:
            if not isinstance(part, str):
                yield from _calls(part)


def parse(text: str) -> Template:
    """Cut a text at its placeholders. Raises BadSpec with one sentence."""
    return _remembered(text) if len(text) <= _REMEMBERED else _parse(text)


def _parse(text: str) -> Template:
    if "{{" not in text:
        return Template(text, (text,) if text else (), has_placeholders=False)
    parts: list[str | Expression] = []
    position = 0
    for match in _PLACEHOLDER.finditer(text):
        parts.append(_literal(text[position : match.start()]))
        parts.append(_expression(match))
        position = match.end()
    parts.append(_literal(text[position:]))
    return Template(text, tuple(part for part in parts if part != ""))


def parse_chain(text: str) -> tuple[Call, ...]:
    """`split(',') | first`: filters by themselves. Raises ValueError with a short reason."""
    return _Parser(text).chain()


# Whole bodies stay with the case they belong to; short texts come again and again.
_REMEMBERED = 2_000  # characters
_remembered = lru_cache(maxsize=16_384)(_parse)


def holds_placeholder(value: Any) -> bool:
    """Whether any text inside a JSON value has placeholders."""
    if isinstance(value, str):
        return "{{" in value
    if isinstance(value, dict):
        return any(holds_placeholder(k) or holds_placeholder(v) for k, v in value.items())
    return isinstance(value, (list, tuple)) and any(map(holds_placeholder, value))


def _literal(piece: str) -> str:
    if "{{" in piece:
        start = piece.index("{{")
        raise BadSpec(
            f"{piece[start : start + 20]!r} begins a placeholder that is not complete; "
            "for two literal braces write {{'{{'}}."
        )
    return piece


def _expression(match: re.Match[str]) -> Expression:
    try:
        return _Parser(match[1]).expression()
    except ValueError as error:
        raise BadSpec(f"{match[0]} is not a placeholder: {error}.") from None


def _calls(expression: Expression) -> Iterator[Call]:
    if isinstance(expression, Call):
        yield expression
        for argument in expression.arguments:
            yield from _calls(argument)


class _Parser:
    """Recursive descent over the tokens of one placeholder."""

    def __init__(self, source: str) -> None:
        self._tokens = list(_tokens(source))
        self._at = 0

    def expression(self) -> Expression:
        value = self._operand()
        while self._taken("|"):
            kind, word = self._next()
            if kind != "name":
                raise ValueError("after | comes the name of a filter")
            value = Call(word, (value, *self._arguments()))
        if self._next()[0] != "end":
            raise ValueError("something follows that does not belong there")
        return value

    def chain(self) -> tuple[Call, ...]:
        """Filters only, without the value that they begin with."""
        calls = []
        while True:
            kind, word = self._next()
            if kind != "name":
                raise ValueError("the name of a filter is missing")
            calls.append(Call(word, self._arguments()))
            if not self._taken("|"):
                break
        if self._next()[0] != "end":
            raise ValueError("something follows that does not belong there")
        return tuple(calls)

    def _operand(self) -> Expression:
        kind, word = self._next()
        if kind == "function":
            return Call(word[1:], self._arguments())
        if kind == "name":
            return Literal(_WORDS[word]) if word in _WORDS else Name(word)
        if kind == "number":
            return Literal(float(word) if "." in word else int(word))
        if kind == "text":
            # Other backslashes stay: they belong to patterns.
            return Literal(re.sub(r"\\([\\'\"])", r"\1", word[1:-1]))
        raise ValueError("it needs a name, a $function or a text in quotes")

    def _arguments(self) -> tuple[Expression, ...]:
        if not self._taken("("):
            return ()
        if self._taken(")"):
            return ()
        found = [self._operand()]
        while self._taken(","):
            found.append(self._operand())
        if not self._taken(")"):
            raise ValueError("a closing parenthesis is missing")
        return tuple(found)

    def _taken(self, mark: str) -> bool:
        if self._tokens[self._at] == ("mark", mark):
            self._at += 1
            return True
        return False

    def _next(self) -> tuple[str, str]:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    position = 0
    while True:
        match = _TOKEN.match(source, position)
        if match is None:
            raise ValueError(f"{source[position:].strip()[:20]!r} has no meaning here")
        assert match.lastgroup is not None
        yield match.lastgroup, match[match.lastgroup]
        if match.lastgroup == "end":
            return
        position = match.end()
