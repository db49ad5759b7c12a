"""URLs as written: joined by simple concatenation, nothing folded, nothing re-quoted.

Only what cannot stand in a request line is percent-encoded: spaces, control characters
and everything outside ASCII (as UTF-8). `%2f` and `/a/../b` travel untouched. A
fragment is cut off, because it is never sent.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_plus, urljoin

from cases.engine.errors import BadSpec

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:", re.ASCII)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://", re.ASCII)
_PARTS = re.compile(
    r"(?P<scheme>https?)://(?:(?P<userinfo>[^/?#]*)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+(?:%25[^\]]+)?\]|[^\x00-\x20\x7f/?#:@\[\]\\<>^|%\"`{}]+)(?::(?P<port>\d*))?"
    r"(?P<rest>[/?][^#]*)?(?:#.*)?",
    re.IGNORECASE | re.DOTALL,
)
_UNSENDABLE = re.compile(r"[^\x21-\x7e]+")
_PATH_PARAM = re.compile(r"\{([^{}/]+)\}|(?<=/)(?<!//):([^/{}]+)")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Url(NamedTuple):
    """An absolute URL ready to send, and what the rest of the engine asks about it."""

    text: str  # without user and fragment
    scheme: str
    host: str
    port: int
    user: tuple[str, str] | None  # from user:password@host
    authority: str  # the value of the Host header: no port if it is the scheme's own

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


def join(base_url: str, url: str) -> str:
    """An absolute URL stays; a relative one is put behind the base URL with one slash.

    "http://h/api" + "/users" and "http://h/api/" + "users" are both http://h/api/users;
    an empty URL is the base URL, and "?q=1" is appended as it is.
    """
    if _ABSOLUTE.match(url) or not base_url:
        return url
    if not url or url[0] in "?#":
        return base_url + url
    return base_url.removesuffix("/") + "/" + url.removeprefix("/")


def with_path_params(url: str, params: Mapping[str, str]) -> str:
    """Put values where the path says {name}, or :name between slashes.

    A value is one segment: its slashes are percent-encoded. Raises BadSpec for a value
    that is empty (the path would be another one) and for a name that is not there.
    """
    path, *query = re.split(r"(?=[?#])", url, maxsplit=1)
    missing = set(params)

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in params:
            return match[0]
        if not params[name]:
            raise BadSpec(f"Path variable {name} is empty.")
        missing.discard(name)
        return _quoted(params[name])

    filled = "".join([_PATH_PARAM.sub(value, path), *query])
    for name in sorted(missing):
        raise BadSpec(f"Path variable {name} is not in the URL: write {{{name}}} or :{name}.")
    return filled


def with_params(url: str, params: Iterable[tuple[str, str]]) -> str:
    """Append `name=value` pairs in order, percent-encoded, before any fragment."""
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in params)
    if not query:
        return url
    head, mark, fragment = url.partition("#")
    if "?" not in head:
        head += "?"
    elif head[-1] not in "?&":
        head += "&"
    return f"{head}{query}{mark}{fragment}"


def without_params(url: str, names: Collection[str]) -> str:
    """The URL without the parameters of these names; what stays is as it was written."""
    head, mark, fragment = url.partition("#")
    path, question, query = head.partition("?")
    pairs = query.split("&")
    kept = [pair for pair in pairs if unquote_plus(pair.partition("=")[0]) not in names]
    if len(kept) == len(pairs):
        return url
    return f"{path}{question if kept else ''}{'&'.join(kept)}{mark}{fragment}"


def parse(url: str) -> Url:
    """Check an absolute URL and make it sendable. Raises BadSpec with the reason."""
    url = url.strip()
    match = _PARTS.fullmatch(url)
    if match is None:
        raise BadSpec(_reason(url))
    scheme = match["scheme"].lower()
    host = _ascii_host(match["host"], url)
    port = int(match["port"] or _DEFAULT_PORTS[scheme])
    if not 0 < port < 65_536:
        raise BadSpec(f"URL {url!r} has the port {port}; ports go from 1 to 65535.")
    user = None
    if match["userinfo"]:
        name, _, password = match["userinfo"].partition(":")
        user = unquote(name), unquote(password)
    authority = host if match["port"] in (None, "") else f"{host}:{match['port']}"
    rest = match["rest"] or "/"
    if rest[0] == "?":
        rest = f"/{rest}"
    rest = _UNSENDABLE.sub(lambda piece: _quoted(piece[0]), rest)
    text = f"{scheme}://{authority}{rest}"
    named = host if port == _DEFAULT_PORTS[scheme] else f"{host}:{port}"
    return Url(text, scheme, host, port, user, named)


def resolve(base: str, location: str) -> str:
    """Where a Location header points to, seen from the URL that answered."""
    location = location.strip()
    return location if _SCHEME.match(location) else urljoin(base, location)


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _ascii_host(host: str, url: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError as error:
        raise BadSpec(f"URL {url!r} has no valid host name: {error}.") from None


def _reason(url: str) -> str:
    if not url:
        return "There is no URL, and the environment has no base URL."
    if not _ABSOLUTE.match(url):
        return f"URL {url!r} is relative, and the environment has no base URL."
    scheme = url.partition(":")[0]
    if scheme.lower() not in _DEFAULT_PORTS:
        return f"URL {url!r} has the scheme {scheme}; only http and https are sent."
    return f"URL {url!r} has no valid host or port."
