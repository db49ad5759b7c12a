"""Credentials that stand in the request as they are: a header, a parameter or a cookie."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from cases.engine.plain_data import Pairs


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request carries to say who is asking."""

    headers: Pairs = ()
    params: Pairs = ()
    cookies: Pairs = ()


NOTHING = Credentials()


def basic(username: str, password: str) -> str:
    """The value of Authorization for Basic, in UTF-8 (RFC 7617)."""
    pair = f"{username}:{password}".encode("utf-8", "surrogatepass")
    return f"Basic {base64.b64encode(pair).decode()}"


def with_basic(values: Mapping[str, str]) -> Credentials:
    return _authorization(basic(values["username"], values["password"]))


def with_bearer(values: Mapping[str, str]) -> Credentials:
    return _authorization(f"Bearer {values['token']}")


def with_api_key(values: Mapping[str, str]) -> Credentials:
    pair = ((values["name"], values["value"]),)
    if values["place"] == "query":
        return Credentials(params=pair)
    if values["place"] == "cookie":
        return Credentials(cookies=pair)
    return Credentials(headers=pair)


def _authorization(value: str) -> Credentials:
    return Credentials(headers=(("Authorization", value),))
