"""How to get to a target: TLS and proxy of an environment, ready to use."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from cases.engine.auth.plain import basic
from cases.engine.errors import BadSpec
from cases.engine.messages import Request
from cases.engine.spec import EnvironmentSpec
from cases.engine.variables import Variables

_PROXY = re.compile(
    r"(?:(?P<scheme>https?)://)?(?:(?P<user>[^/@\s:]*)(?::(?P<password>[^/@\s]*))?@)?"
    r"(?P<authority>(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]+)(?::\d{1,5})?)/?",
    re.IGNORECASE,
)


class Policy(NamedTuple):
    """What a connection depends on: two policies never share one."""

    verify_tls: bool = True
    ca_certificate: str = ""
    proxy: str = ""  # scheme://host:port
    proxy_authorization: str = ""
    client_certificate: str = ""  # PEM
    client_key: str = ""  # PEM
    http2: bool = False
    shows_certificate: bool = False  # then every request has a connection of its own

    def addressed(self, request: Request) -> Request:
        """The request as it leaves: a proxy that reads it wants its credentials in it.

        Through a tunnel (https) they belong to the CONNECT before it instead.
        """
        if not self.proxy_authorization or request.url.startswith("https:"):
            return request
        header = ("Proxy-Authorization", self.proxy_authorization)
        return request._replace(headers=(*request.headers, header))


def policy(environment: EnvironmentSpec, variables: Variables) -> Policy:
    """Raises CannotRender or BadSpec for the proxy and the client certificate."""
    if not environment.proxy and not environment.client_certificate:
        return _direct(environment.verify_tls, environment.ca_certificate, environment.http2)
    proxy, authorization = "", ""
    if environment.proxy:
        text = variables.fill(environment.proxy, "the environment's proxy")
        proxy, authorization = read_proxy(text.strip())
    certificate, key = "", ""
    if environment.client_certificate:
        certificate = variables.fill(
            environment.client_certificate, "the environment's client certificate"
        )
        key = variables.fill(environment.client_key, "the environment's client key")
    return Policy(
        verify_tls=environment.verify_tls,
        ca_certificate=environment.ca_certificate,
        proxy=proxy,
        proxy_authorization=authorization,
        client_certificate=certificate,
        client_key=key,
        http2=environment.http2,
    )


@lru_cache(maxsize=64)
def _direct(verify_tls: bool, ca_certificate: str, http2: bool) -> Policy:
    """The same for most cases, and with nothing in it that could be secret."""
    return Policy(verify_tls=verify_tls, ca_certificate=ca_certificate, http2=http2)


def read_proxy(text: str) -> tuple[str, str]:
    """The URL of a proxy and the Proxy-Authorization it wants, both may be empty."""
    if not text:
        return "", ""
    match = _PROXY.fullmatch(text)
    if match is None:
        raise BadSpec(
            f"Proxy {text!r} is not http://host:port or https://host:port, "
            "with user:password@ before the host if it needs one."
        )
    url = f"{(match['scheme'] or 'http').lower()}://{match['authority']}"
    if not match["user"]:
        return url, ""
    password = match["password"] or ""
    return url, basic(unquote(match["user"]), unquote(password))
