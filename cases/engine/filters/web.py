"""Filters of URLs, HTML and tokens."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from cases.engine.errors import CannotJudge
from cases.engine.filters.arguments import Filter, a, bytes_of, text_of, words
from cases.engine.filters.encodings import from_base64
from cases.engine.filters.texts import parsed
from cases.engine.patterns import Nothing
from cases.engine.values import as_text

_JWT_PARTS = ("header", "payload")


def _url_encode(value: Any) -> str:
    """The text percent-encoded, slashes too."""
    return quote(bytes_of(value), safe="")


def _url_decode(value: Any) -> str:
    """The text that a percent-encoded text stands for."""
    return unquote(as_text(value))


def _query_param(value: Any, name: Any) -> Any:
    """The first parameter of that name in the query of a URL, decoded."""
    wanted = words(name, "The name that query_param takes")
    pairs = parse_qsl(urlsplit(text_of(value)).query, keep_blank_values=True)
    found = [text for key, text in pairs if key == wanted]
    return found[0] if found else Nothing(f"the URL has no parameter {wanted}")


def _location(value: Any) -> Any:
    """Where a redirect leads: of one element of the source `redirects`."""
    if not isinstance(value, dict) or "location" not in value:
        raise ValueError(f"{a(value)} is not a redirect")
    return value["location"]


def _html_escape(value: Any) -> str:
    """The text with &, <, > and quotes written as HTML wants them."""
    return html.escape(text_of(value))


def _html_unescape(value: Any) -> str:
    """The text with &amp; and its like read."""
    return html.unescape(text_of(value))


def _jwt(value: Any, part: Any = "payload") -> Any:
    """The payload (or 'header') of a JSON Web Token; its signature is not checked."""
    if part not in _JWT_PARTS:
        raise CannotJudge(f"jwt reads {' or '.join(_JWT_PARTS)}, not {as_text(part)!r}.")
    pieces = text_of(value).split(".")
    if len(pieces) != 3:
        raise ValueError("it is not a JSON Web Token")
    return parsed(from_base64(pieces[_JWT_PARTS.index(part)]))


WEB: dict[str, Filter] = {
    "url_encode": _url_encode,
    "url_decode": _url_decode,
    "query_param": _query_param,
    "location": _location,
    "html_escape": _html_escape,
    "html_unescape": _html_unescape,
    "jwt": _jwt,
}
