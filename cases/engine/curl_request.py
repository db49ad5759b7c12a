"""The options of libcurl that belong to one request, set where they differ from the last one's.

libcurl keeps every option until it gets another value. To set all of them for each request
takes half as long as libcurl needs for the whole exchange, and mostly they say the same.
"""

from __future__ import annotations

import pycurl

from cases.engine.long_body import LongBody
from cases.engine.messages import Request
from cases.engine.plain_data import Pairs
from cases.engine.policy import Policy
from cases.engine.sender import Sender
from cases.engine.wire import Wire

# Headers libcurl would add by itself; "Name:" tells it not to.
_NOT_BY_ITSELF = {
    name.lower(): f"{name}:".encode()
    for name in ("Expect", "Content-Type", "Proxy-Connection", "Accept", "User-Agent")
}
# In no part like any request that can be sent.
_UNLIKE_ALL = Wire(Request(" ", " ", ((" ", " "),)), Policy(), -1, -1, -1)


class RequestOptions:
    """Belongs to one handle, and knows what it was told last.

    It knows no more than libcurl itself has to keep: the last request, if that had no body.
    """

    __slots__ = ("_handle", "_last", "_sender")

    def __init__(self, handle: pycurl.Curl, sender: Sender) -> None:
        self._handle = handle
        self._sender = sender
        self._last = _UNLIKE_ALL

    def set(self, wire: Wire) -> None:
        """All that this request needs; nothing of the one before stays."""
        last, request, set_ = self._last, wire.request, self._handle.setopt
        # Until everything is set nobody knows what the handle holds, and a body is let go.
        self._last = _UNLIKE_ALL
        if request.url != last.request.url:
            self._set_url(wire)
        if request.headers != last.request.headers:
            set_(pycurl.HTTPHEADER, _header_lines(request.headers))
        if request.body or request.method != last.request.method:
            self._set_method(request)
        if wire.timeout_ms != last.timeout_ms:
            set_(pycurl.TIMEOUT_MS, max(1, wire.timeout_ms))
        if wire.connect_timeout_ms != last.connect_timeout_ms:
            set_(pycurl.CONNECTTIMEOUT_MS, max(1, wire.connect_timeout_ms))
        if not request.body:
            self._last = wire

    def _set_url(self, wire: Wire) -> None:
        url, policy, set_ = wire.request.url, wire.policy, self._handle.setopt
        set_(pycurl.URL, url)
        # libcurl's own idea of the path writes %2f as %2F.
        set_(pycurl.REQUEST_TARGET, _request_target(url, policy.proxy))
        if policy.proxy_authorization:
            line = f"Proxy-Authorization: {policy.proxy_authorization}"
            tunnel = url.startswith("https:")
            set_(pycurl.PROXYHEADER, [line] if tunnel else [])

    def _set_method(self, request: Request) -> None:
        set_ = self._handle.setopt
        set_(pycurl.HTTPGET, 1)  # forgets the body and NOBODY of the request before
        if request.method == "HEAD":
            set_(pycurl.NOBODY, 1)  # else libcurl waits for a body until the deadline
        elif isinstance(request.body, LongBody):
            self._sender.begin(request.body)
            set_(pycurl.UPLOAD, 1)
            set_(pycurl.INFILESIZE_LARGE, len(request.body))
        elif request.body:
            set_(pycurl.POST, 1)
            set_(pycurl.POSTFIELDS, request.body)
        set_(pycurl.CUSTOMREQUEST, request.method)


def _request_target(url: str, proxy: str) -> str:
    """The path and query; an HTTP proxy asked for a plain URL gets all of it."""
    if proxy and url.startswith("http://"):
        return url
    return url[url.index("/", url.index("://") + 3) :]


def _header_lines(headers: Pairs) -> list[bytes]:
    lines = [
        (f"{name}: {value}" if value else f"{name};").encode("utf-8", "surrogatepass")
        for name, value in headers
    ]
    names = {name.lower() for name, _ in headers}
    lines += [line for name, line in _NOT_BY_ITSELF.items() if name not in names]
    return lines
