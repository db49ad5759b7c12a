"""Header names and values: what may stand in them, and the ordered list they make."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cases.engine.errors import BadSpec
from cases.engine.messages import Request
from cases.engine.plain_data import Pairs

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", re.ASCII)  # RFC 9110

_ILLEGAL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def check_header(name: str, value: str, place: str, *, templates: bool = False) -> None:
    """Raises BadSpec for what cannot stand in a header: CR and LF would start another."""
    if not (templates and "{{" in name) and not TOKEN.fullmatch(name):
        raise BadSpec(f"Header name {name!r}{place} is empty or has illegal characters.")
    found = _ILLEGAL.search(value)
    if found:
        what = "a line break" if found[0] in "\r\n" else f"the character {found[0]!r}"
        raise BadSpec(f"The value of header {name}{place} holds {what}.")


def check_cookie(name: str, value: str, place: str, *, templates: bool = False) -> None:
    """Raises BadSpec for what cannot stand in a Cookie header: `;` would start another."""
    if not (templates and "{{" in name) and not TOKEN.fullmatch(name):
        raise BadSpec(f"Cookie name {name!r}{place} is empty or has illegal characters.")
    if ";" in value and not templates:
        raise BadSpec(f"The value of cookie {name}{place} holds a semicolon.")
    check_header("Cookie", value, place)


class Headers:
    """Ordered pairs with the question whether a name is there, in any case."""

    __slots__ = ("_names", "pairs")

    def __init__(self) -> None:
        self.pairs: list[tuple[str, str]] = []
        self._names: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def replace(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Add these; earlier headers of the same names give way."""
        if not pairs:
            return
        names = {name.lower() for name, _ in pairs}
        if names & self._names:
            self.pairs = [pair for pair in self.pairs if pair[0].lower() not in names]
        self.pairs += [(name, value.strip(" \t")) for name, value in pairs]
        self._names |= names

    def add_cookies(self, pairs: Sequence[tuple[str, str]], place: str) -> None:
        """Behind those of a Cookie header, in the one Cookie header there may be."""
        for name, value in pairs:
            check_cookie(name, value, place)
        written = [value for name, value in self.pairs if name.lower() == "cookie"]
        added = [f"{name}={value}" for name, value in pairs]
        self.replace([("Cookie", "; ".join([*written, *added]))])

    def defaults(self, pairs: Mapping[str, tuple[str, str]]) -> None:
        """Add those that nobody wrote already; they go by their names in small letters."""
        self.pairs += [pair for name, pair in pairs.items() if name not in self._names]
        self._names.update(pairs)

    def with_host(self, authority: str) -> Pairs:
        """Host comes first on the wire, whoever wrote it."""
        if "host" not in self._names:
            return (("Host", authority), *self.pairs)
        hosts = [pair for pair in self.pairs if pair[0].lower() == "host"]
        return (hosts[0], *(pair for pair in self.pairs if pair[0].lower() != "host"))


def with_headers(request: Request, pairs: Sequence[tuple[str, str]]) -> Request:
    """The request with these headers at the end; earlier ones of the same names give way."""
    names = {name.lower() for name, _ in pairs}
    kept = (pair for pair in request.headers if pair[0].lower() not in names)
    return request._replace(headers=(*kept, *pairs))
