"""HTTP Digest (RFC 7616): the answer to a challenge.

MD5, SHA-256 and SHA-512-256, each with -sess; qop auth, auth-int and none (RFC 2069).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from cases.engine.errors import BadSpec
from cases.engine.messages import Request, Response

_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,"]+))')
# A header may hold several challenges: a scheme is a word that no "=" follows.
_CHALLENGE = re.compile(r"(?:^|,)\s*([A-Za-z][\w\-]*)\s+(?=\w+\s*=)")
_HASHES: dict[str, Callable[[bytes], str]] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "sha-256": lambda data: hashlib.sha256(data).hexdigest(),
    "sha-512-256": lambda data: hashlib.new("sha512_256", data).hexdigest(),
    "sha-512": lambda data: hashlib.sha512(data).hexdigest(),  # in no RFC, but asked for
}


def answer(request: Request, response: Response, values: Mapping[str, str]) -> str | None:
    """The value of Authorization for the strongest challenge; None if there is none."""
    challenges = [
        parameters
        for name, value in response.headers
        if name.lower() == "www-authenticate"
        for parameters in _challenges(value)
    ]
    known = [c for c in challenges if _algorithm(c).removesuffix("-sess") in _HASHES]
    if not known:
        if challenges:
            asked = ", ".join(_algorithm(c) for c in challenges)
            raise BadSpec(f"The target asks for Digest with {asked}, which is not known.")
        return None
    order = list(_HASHES)
    best = max(known, key=lambda c: order.index(_algorithm(c).removesuffix("-sess")))
    return authorization(request, best, values, cnonce=secrets.token_hex(16))


def authorization(
    request: Request, challenge: Mapping[str, str], values: Mapping[str, str], *, cnonce: str
) -> str:
    """The header for one challenge, as RFC 7616 section 3.4 makes it."""
    algorithm = _algorithm(challenge)
    digest = _HASHES[algorithm.removesuffix("-sess")]
    username, realm, nonce = values["username"], challenge["realm"], challenge["nonce"]
    uri = _request_uri(request.url)
    qop = _qop(challenge)
    secret = digest(_utf8(f"{username}:{realm}:{values['password']}"))
    if algorithm.endswith("-sess"):
        secret = digest(_utf8(f"{secret}:{nonce}:{cnonce}"))
    asked = f"{request.method}:{uri}"
    if qop == "auth-int":
        asked += f":{digest(request.content)}"
    between = f"{nonce}:00000001:{cnonce}:{qop}" if qop else nonce
    fields = {
        "username": _quoted(username),
        "realm": _quoted(realm),
        "nonce": _quoted(nonce),
        "uri": _quoted(uri),
        "response": _quoted(digest(_utf8(f"{secret}:{between}:{digest(_utf8(asked))}"))),
    }
    if "algorithm" in challenge:
        fields["algorithm"] = challenge["algorithm"]
    if "opaque" in challenge:
        fields["opaque"] = _quoted(challenge["opaque"])
    if qop:
        fields |= {"qop": qop, "nc": "00000001"}
    if qop or algorithm.endswith("-sess"):
        fields["cnonce"] = _quoted(cnonce)
    return "Digest " + ", ".join(f"{name}={value}" for name, value in fields.items())


def _challenges(header: str) -> list[dict[str, str]]:
    """The parameters of every usable Digest challenge in one WWW-Authenticate header."""
    starts = list(_CHALLENGE.finditer(header))
    ends = [start.start() for start in starts[1:]] + [len(header)]
    found = []
    for start, end in zip(starts, ends, strict=False):
        if start[1].lower() == "digest":
            parameters = {
                match[1].lower(): re.sub(r"\\(.)", r"\1", match[2])
                if match[2] is not None
                else match[3]
                for match in _PARAMETER.finditer(header, start.end(), end)
            }
            if {"realm", "nonce"} <= parameters.keys():
                found.append(parameters)
    return found


def _algorithm(challenge: Mapping[str, str]) -> str:
    return challenge.get("algorithm", "MD5").lower()


def _qop(challenge: Mapping[str, str]) -> str:
    offered = [word.strip().lower() for word in challenge.get("qop", "").split(",")]
    return next((qop for qop in ("auth", "auth-int") if qop in offered), "")


def _request_uri(url: str) -> str:
    """Path and query exactly as they stand in the request line."""
    return url[url.index(urlsplit(url).netloc) + len(urlsplit(url).netloc) :]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
