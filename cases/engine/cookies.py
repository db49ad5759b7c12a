"""Cookies that an answer sets, read as RFC 6265 wants them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cases.engine.messages import Exchange
from cases.engine.patterns import Nothing

_PATH = re.compile(r"(?P<name>[^\[\]]+)(?:\[(?P<attribute>[^\[\]]+)\])?\s*")


def read_cookie(exchanges: Sequence[Exchange], path: str) -> Any:
    """`name` or `name[Attribute]`, as the last answer of this step set it.

    A flag such as HttpOnly is true when it is there.
    """
    match = _PATH.fullmatch(path.strip())
    if match is None:
        return Nothing(f"{path!r} is not the name of a cookie")
    cookie = _last(exchanges, match["name"].strip())
    if cookie is None:
        return Nothing(f"no cookie {match['name'].strip()} was set")
    attribute = match["attribute"]
    if attribute is None or attribute.lower() == "value":
        return cookie[0]
    wanted = attribute.strip().lower()
    if wanted not in cookie[1]:
        return Nothing(f"cookie {match['name'].strip()} has no attribute {attribute}")
    return cookie[1][wanted]


def _last(exchanges: Sequence[Exchange], name: str) -> tuple[str, dict[str, Any]] | None:
    for exchange in reversed(exchanges):
        headers = exchange.response.headers if exchange.response else ()
        for header, value in reversed(headers):
            if header.lower() == "set-cookie":
                pair, *attributes = value.split(";")
                found, _, text = pair.partition("=")
                if found.strip() == name:
                    return text.strip(), dict(map(_attribute, attributes))
    return None


def _attribute(text: str) -> tuple[str, Any]:
    name, mark, value = text.partition("=")
    return name.strip().lower(), value.strip() if mark else True
