"""Parameters signed together, as payment and open platforms in China want it.

All parameters of the query and of a form or JSON body are sorted by name, joined, put into
a rule with the secret, and hashed; the signature is one more parameter.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, quote_plus

from cases.engine import urls
from cases.engine.auth.words import (
    WORDS,
    check_words,
    encoded,
    fill,
    read_lines,
    words_of,
)
from cases.engine.errors import BadSpec
from cases.engine.headers import check_header, with_headers
from cases.engine.messages import Request
from cases.engine.values import as_text, from_json, to_json

ALGORITHMS = ("md5", "sha1", "sha256", "hmac-md5", "hmac-sha1", "hmac-sha256")
PAIRS = ("a=1&b=2", "a1b2")
LETTERS = ("upper", "lower")
PLACES = ("with the parameters", "query", "headers")
MESSAGE = "{params}&key={secret}"

Pair = tuple[str, str]


def check(values: Mapping[str, str]) -> None:
    """Raises BadSpec for a word that there is not, and for a line that is no parameter."""
    check_words(values["message"], (*WORDS, "params", "secret"), "the message")
    check_words(values["added"], WORDS, "the added parameters")
    read_lines(values["added"], "=", "parameter")


def sign(request: Request, values: Mapping[str, str]) -> Request:
    """The request with the added parameters and the signature behind its own.

    Those of the same names that stand in the query give way: a target that redirects may
    have repeated them.
    """
    lines = read_lines(values["added"], "=", "parameter")
    if values["place"] != "headers":
        names = {values["name"], *(name for name, _ in lines)}
        request = request._replace(url=urls.without_params(request.url, names))
    words = words_of(request)
    added = [(name, fill(text, words).decode("utf-8", "surrogatepass")) for name, text in lines]
    signed = sorted(
        ((name, value) for name, value in [*_params(request), *added] if value),
        key=lambda pair: encoded(pair[0]),
    )
    between = ("=", "&") if values["pairs"] == PAIRS[0] else ("", "")
    joined = between[1].join(f"{name}{between[0]}{value}" for name, value in signed)
    words |= {"params": encoded(joined), "secret": encoded(values["secret"])}
    signature = _digest(fill(values["message"], words), values)
    return _with(request, [*added, (values["name"], signature)], values["place"])


def _params(request: Request) -> list[Pair]:
    """Of the query, and of the body if it is a form or a JSON object."""
    params = parse_qsl(request.url.partition("?")[2], keep_blank_values=True)
    kind = _body_kind(request)
    if kind == "form":
        body = request.content.decode("utf-8", "surrogateescape")
        return params + parse_qsl(body, keep_blank_values=True)
    if kind == "json":
        try:
            members = from_json(request.content).items()
        except ValueError as error:
            raise BadSpec(f"The JSON body cannot be signed: {error}.") from None
        return params + [(name, as_text(v)) for name, v in members if v is not None]
    return params


def _body_kind(request: Request) -> str:
    """\"form", "json" if it is an object, or empty."""
    headers = request.headers
    content_type = next((v for n, v in headers if n.lower() == "content-type"), "").lower()
    if content_type.startswith("application/x-www-form-urlencoded"):
        return "form"
    return "json" if "json" in content_type and request.content.strip()[:1] == b"{" else ""


def _digest(message: bytes, values: Mapping[str, str]) -> str:
    keyed, _, algorithm = values["algorithm"].rpartition("-")
    if keyed:
        digest = hmac.digest(encoded(values["secret"]), message, algorithm).hex()
    else:
        digest = hashlib.new(algorithm, message, usedforsecurity=False).hexdigest()
    return digest.upper() if values["letters"] == "upper" else digest


def _with(request: Request, params: Sequence[Pair], place: str) -> Request:
    if place == "headers":
        for name, value in params:
            check_header(name, value, " of the signature")
        return with_headers(request, params)
    kind = _body_kind(request) if place != "query" else ""
    if not kind:
        return request._replace(url=urls.with_params(request.url, params))
    if kind == "form":
        more = "&".join(
            f"{quote_plus(encoded(name))}={quote_plus(encoded(value))}"
            for name, value in params
        )
        body = b"&".join(filter(None, [request.content, more.encode()]))
    else:
        body = _with_members(request.content, params)
    sized = request._replace(body=body)
    if any(name.lower() == "content-length" for name, _ in request.headers):
        return with_headers(sized, [("Content-Length", str(len(body)))])
    return sized


def _with_members(body: bytes, params: Sequence[Pair]) -> bytes:
    """The members behind those of the object, which stays as it was typed."""
    inner = body.rstrip()[:-1].rstrip()
    members = ",".join(f"{to_json(name)}:{to_json(value)}" for name, value in params)
    comma = b"" if inner.endswith(b"{") else b","
    return inner + comma + encoded(members) + b"}"
