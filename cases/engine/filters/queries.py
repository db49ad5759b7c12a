"""Filters that look for something inside a value, as sources do inside an answer."""

from __future__ import annotations

from typing import Any

from cases.engine import markup
from cases.engine.filters.arguments import Filter, text_of, words
from cases.engine.filters.texts import parsed
from cases.engine.jsonpaths import find_json
from cases.engine.patterns import first_match


def _regex(value: Any, pattern: Any) -> Any:
    """The first match of a regular expression: its first group, or all of it."""
    return first_match(words(pattern, "The pattern of regex"), text_of(value), "it")


def _jsonpath(value: Any, path: Any) -> Any:
    """What a JSONPath finds; a text is read as JSON first."""
    document = parsed(value) if isinstance(value, (str, bytes)) else value
    return find_json(words(path, "The path of jsonpath"), document)


def _xpath(value: Any, path: Any) -> Any:
    """What an XPath finds in XML, or else HTML."""
    return markup.read_text(text_of(value)).xpath(words(path, "The path of xpath"))


def _css(value: Any, selector: Any) -> Any:
    """What a CSS selector finds in HTML or XML."""
    return markup.read_text(text_of(value)).css(words(selector, "The selector of css"))


QUERIES: dict[str, Filter] = {
    "regex": _regex,
    "jsonpath": _jsonpath,
    "xpath": _xpath,
    "css": _css,
}
