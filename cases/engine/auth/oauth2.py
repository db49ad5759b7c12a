"""OAuth 2.0 (RFC 6749): the request for an access token, and what its answer says."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from cases.engine import urls
from cases.engine.auth.plain import basic
from cases.engine.auth.tokens import Token
from cases.engine.errors import NoToken
from cases.engine.messages import Request, Response
from cases.engine.values import from_json, is_number, shown, to_json

GRANTS = ("client_credentials", "password")
CLIENT_PLACES = ("header", "body")
_MARGIN_S = 10.0  # a token that ends this soon is not worth sending


def key(values: Mapping[str, str]) -> str:
    """The same for steps that may use the same token; no secret can be read from it."""
    return hashlib.sha256(to_json(sorted(values.items())).encode()).hexdigest()


def token_request(url: str, values: Mapping[str, str]) -> Request:
    """Raises BadSpec for a URL that cannot be asked."""
    where = urls.parse(url)
    fields = {"grant_type": values["grant"]}
    if values["grant"] == "password":
        fields |= {"username": values["username"], "password": values["password"]}
    fields |= {name: values[name] for name in ("scope", "audience") if values[name]}
    headers = [("Host", where.authority), ("Accept", "application/json")]
    client = values["client_id"], values["client_secret"]
    if values["client_in"] == "header":
        # Both are form-encoded first (RFC 6749, 2.3.1).
        headers.append(("Authorization", basic(*map(_form, client))))
    else:
        fields |= {"client_id": client[0], "client_secret": client[1]}
    body = "&".join(f"{name}={_form(value)}" for name, value in fields.items()).encode()
    headers += [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", str(len(body))),
    ]
    return Request(method="POST", url=where.text, headers=tuple(headers), body=body)


def read_token(url: str, response: Response) -> Token:
    """Raises NoToken with what the server says of it."""
    try:
        answer: Any = from_json(response.body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        answer = {}
    token = answer.get("access_token")
    if response.status != 200 or not isinstance(token, str) or not token:
        reason = answer.get("error_description") or answer.get("error")
        said = f": {shown(reason)}" if reason else ""
        raise NoToken(f"{url} gave no access token, but status {response.status}{said}.")
    scheme = answer.get("token_type")
    if not isinstance(scheme, str) or scheme.lower() == "bearer":
        scheme = "Bearer"
    lasts_s = answer.get("expires_in")
    if not is_number(lasts_s):
        return Token(token, scheme)
    return Token(token, scheme, time.monotonic() + lasts_s - min(_MARGIN_S, lasts_s / 10))


def _form(text: str) -> str:
    return quote_plus(text.encode("utf-8", "surrogatepass"))
