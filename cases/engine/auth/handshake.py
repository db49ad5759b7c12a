"""Schemes that cannot be written into one request: they ask first, or ask again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from cases.engine.auth import digest, oauth2
from cases.engine.auth.plain import Credentials
from cases.engine.auth.tokens import Token, TokenStore
from cases.engine.headers import with_headers
from cases.engine.messages import Purpose, Request, Response


class Asking(Protocol):
    """What a handshake may do: exchanges of its own, within the deadline and on record."""

    @property
    def tokens(self) -> TokenStore:
        """Shared with other cases, if somebody shares them."""

    def absolute(self, url: str) -> str:
        """A URL seen from the environment's base URL."""

    def ask(self, request: Request, purpose: Purpose) -> Response:
        """Raises NoAnswer."""

    def hide(self, text: str) -> None:
        """Keep this text out of the record, wherever it stands."""

    def left_s(self) -> float:
        """Seconds until the deadline."""


class Handshake(Protocol):
    """For one step; `values` are the fields of its auth, rendered."""

    def __init__(self, values: Mapping[str, str], asking: Asking) -> None: ...

    def credentials(self) -> Credentials:
        """What the first request carries."""

    def again(self, request: Request, response: Response) -> Request | None:
        """The request to be sent instead after this answer; None: the answer stands."""


class Digest:
    def __init__(self, values: Mapping[str, str], asking: Asking) -> None:
        self._values = values

    def credentials(self) -> Credentials:
        return Credentials()

    def again(self, request: Request, response: Response) -> Request | None:
        if response.status != 401:
            return None
        authorization = digest.answer(request, response, self._values)
        if authorization is None:
            return None
        return with_headers(request, [("Authorization", authorization)])


class _NothingNewer(Exception):
    """Nobody has a token other than the one that was refused."""


class OAuth2:
    """A bearer token, fetched when there is none that lasts; once more after a 401.

    A token that this step fetched itself is replaced only by one that somebody else has got
    meanwhile: what was refused when it was new would be refused again.
    """

    def __init__(self, values: Mapping[str, str], asking: Asking) -> None:
        self._values = values
        self._asking = asking
        self._key = oauth2.key(values)
        self._token: Token | None = None
        self._is_fresh = False

    def credentials(self) -> Credentials:
        self._token = self._take(refused="")
        return Credentials(headers=(self._header(self._token),))

    def again(self, request: Request, response: Response) -> Request | None:
        token = self._token
        if response.status != 401 or token is None:
            return None
        if self._header(token) not in request.headers:  # the step wrote its own
            return None
        try:
            self._token = self._take(refused=token.value)
        except _NothingNewer:
            return None
        return with_headers(request, [self._header(self._token)])

    def _take(self, refused: str) -> Token:
        """From the store, unless it is the one that was refused."""
        asking = self._asking
        token = asking.tokens.get(self._key, self._fetch, refused, asking.left_s())
        asking.hide(token.value)
        return token

    def _fetch(self) -> Token:
        if self._is_fresh:
            raise _NothingNewer
        self._is_fresh = True
        for name in ("client_secret", "password"):
            self._asking.hide(self._values[name])
        url = self._asking.absolute(self._values["token_url"])
        request = oauth2.token_request(url, self._values)
        return oauth2.read_token(url, self._asking.ask(request, "token"))

    @staticmethod
    def _header(token: Token) -> tuple[str, str]:
        return "Authorization", f"{token.scheme} {token.value}"
