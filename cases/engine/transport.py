"""The way out: one Session per pool thread, used for case after case."""

from __future__ import annotations

from typing import Any

import requests
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar, get_cookie_header

from cases.engine.curl_adapter import CurlAdapter, CurlAnswer, PreparedWire
from cases.engine.messages import Request, Response
from cases.engine.wire import Wire


class Session:
    """Connections are kept, everything else is forgotten between cases.

    Belongs to the thread that made it. `forget()` stands before and after every case.
    """

    def __init__(self) -> None:
        self._adapter = CurlAdapter()
        self._cookies = RequestsCookieJar()
        self._got_cookies = False  # asking the jar itself goes through all of it

    def send(self, wire: Wire) -> Response:
        """Send one request, follow nothing. Raises NoAnswer.

        What `requests.Session.send` does besides, nobody asks for here, and it costs half
        of the Python between a request and libcurl; so do its views of both, which only
        its cookie jar looks at.
        """
        response = self._adapter.exchange(wire)
        if _sets_cookies(response):
            prepared = PreparedWire(wire)
            raw = CurlAnswer(prepared, response).raw
            jar = self._cookies
            extract_cookies_to_jar(jar, prepared, raw)  # type: ignore[no-untyped-call]
            self._got_cookies = True
        return response

    def with_cookies(self, request: Request) -> Request:
        """The request with what this case's jar holds for it.

        A cookie in a Cookie header that the tester wrote wins over one of the same name.
        """
        if not self._got_cookies:
            return request
        jar = self._cookies
        asking: Any = requests.PreparedRequest()
        asking.url = request.url
        asking.headers = {}
        kept = get_cookie_header(jar, asking)  # type: ignore[no-untyped-call]
        if not kept:
            return request
        others = tuple(pair for pair in request.headers if pair[0].lower() != "cookie")
        written = [value for name, value in request.headers if name.lower() == "cookie"]
        cookies = _merged("; ".join(written), kept)
        return request._replace(headers=(*others, ("Cookie", cookies)))

    def forget(self) -> None:
        """Drop all cookies: the next case starts with an empty jar."""
        if self._got_cookies:
            self._cookies = RequestsCookieJar()
            self._got_cookies = False

    def close(self) -> None:
        self._adapter.close()


def _sets_cookies(response: Response) -> bool:
    return "set-cookie" in [name.lower() for name, _ in response.headers]


def _merged(written: str, kept: str) -> str:
    names = {pair.partition("=")[0].strip() for pair in written.split(";")}
    added = [
        pair.strip() for pair in kept.split(";") if pair.partition("=")[0].strip() not in names
    ]
    return "; ".join([*([written] if written else []), *added])
