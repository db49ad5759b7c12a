"""Assertions and extractions in one line each, as a person would say them.

    [warn] [not] SOURCE [PATH] [| FILTERS] COMPARATOR [EXPECTED]
    [secret] SOURCE [PATH] [| FILTERS] [default VALUE]

    status == 200
    not header X-Debug exists
    $.items[?@.price > 3] | count == 2
    warn duration < 500
    header Location | query_param('id') default null

A path ends at the first space outside brackets and quotes; one that needs more stands
in quotes: `regex "id = (\\d+)" == 7`. A path that begins with `$` needs no `json`
before it. What is expected is JSON if it can be read as JSON, else the text as it
stands: `== 200` is a number, `== "200"` and `== ok` are texts.
"""

from __future__ import annotations

import json
import re
from typing import Any

from django.utils.translation import gettext as _

from cases.engine.comparators import COMPARATORS
from cases.engine.extract import SOURCES
from cases.engine.spec import AssertionSpec, ExtractionSpec

SYMBOLS = {
    "==": "equals",
    "<": "less_than",
    "<=": "less_or_equal",
    ">": "greater_than",
    ">=": "greater_or_equal",
}
_NO_PATH = {*COMPARATORS, *SYMBOLS, "!=", "|", "default"}
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')


class BadPhrase(ValueError):
    """`str(error)` is one sentence with the phrase in it."""


def assertion(text: str) -> AssertionSpec:
    """`status == 200` -> AssertionSpec. Raises BadPhrase."""
    warns, rest = _without("warn", text)
    negated, rest = _without("not", rest)
    source, path, filters, rest = _reading(rest)
    word, _space, expected = rest.partition(" ")
    if not word:
        raise BadPhrase(_("“%s” has no comparator, such as == or contains.") % text)
    if word == "!=":
        negated, word = not negated, "=="
    comparator = SYMBOLS.get(word, word)
    if comparator not in COMPARATORS:
        sentence = _("“%(phrase)s” has no known comparator: “%(word)s” is none.")
        raise BadPhrase(sentence % {"phrase": text, "word": word})
    expected = expected.strip()
    needs_expected = COMPARATORS[comparator].needs_expected
    if needs_expected and not expected:
        raise BadPhrase(_("“%s” does not say what is expected.") % text)
    if expected and not needs_expected:
        sentence = _("“%(phrase)s”: nothing may follow %(word)s.")
        raise BadPhrase(sentence % {"phrase": text, "word": comparator})
    return AssertionSpec(
        source=source,
        path=path,
        filters=filters,
        comparator=comparator,
        negated=negated,
        expected=_value(expected) if expected else None,
        warns=warns,
    )


def extraction(name: str, text: str) -> ExtractionSpec:
    """`header Location` -> ExtractionSpec. Raises BadPhrase."""
    secret, rest = _without("secret", text.strip())
    source, path, filters, rest = _reading(rest)
    optional, default = _without("default", rest)
    if rest and not (optional and default):
        sentence = _("“%(phrase)s”: “%(rest)s” is too much behind a source and its path.")
        raise BadPhrase(sentence % {"phrase": text, "rest": rest})
    return ExtractionSpec(
        name=name,
        source=source,
        path=path,
        filters=filters,
        optional=optional,
        default=_value(default) if optional else None,
        secret=secret,
    )


def _without(word: str, text: str) -> tuple[bool, str]:
    """Whether a text begins with a word, and what follows it."""
    first, _space, rest = text.partition(" ")
    return (True, rest.strip()) if first == word else (False, text)


def _reading(text: str) -> tuple[str, str, str, str]:
    """Source, path, filters, and what follows them."""
    source, path, rest = _source(text)
    filters = []
    while rest.startswith("|"):
        one, rest = _path(rest.removeprefix("|").strip())
        filters.append(one)
    return source, path, " | ".join(filters), rest


def _source(text: str) -> tuple[str, str, str]:
    """Source, path and what follows them."""
    if text.startswith("$"):
        return "json", *_path(text)
    source, _space, rest = text.partition(" ")
    if source not in SOURCES:
        sentence = _("“%(phrase)s” begins with no known source: “%(word)s” is none.")
        raise BadPhrase(sentence % {"phrase": text, "word": source})
    rest = rest.strip()
    if not SOURCES[source].needs_path and not _begins_with_path(source, rest):
        return source, "", rest
    path, rest = _path(rest)
    if not path or path == "|":
        sentence = _("“%(phrase)s” does not say which %(source)s.")
        raise BadPhrase(sentence % {"phrase": text, "source": source})
    return source, path, rest


def _begins_with_path(source: str, text: str) -> bool:
    """Of a source that may have one: what is no comparator and no filter."""
    word = text.partition(" ")[0]
    return SOURCES[source].takes_path and bool(word) and word not in _NO_PATH


def _path(text: str) -> tuple[str, str]:
    """Cut a path off the front: up to a space outside brackets and quotes."""
    if quoted := _QUOTED.match(text):
        # Only the quotes are taken off: a pattern keeps its backslashes.
        path = quoted[0][1:-1].replace('\\"', '"')
        return path, text[quoted.end() :].strip()
    depth, quote = 0, ""
    for position, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"" and depth:
            quote = character
        elif character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif character == " " and depth <= 0:
            return text[:position], text[position:].strip()
    return text, ""


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except ValueError:
        return text


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
