"""requests on libcurl: the only place where bytes leave and arrive.

One handle per policy, kept with its connections; every option that libcurl would choose
by itself (proxy, protocols, headers, redirects, cookies) is set here, so that a request
is sent as it stands in `Wire.request` and nothing of one case reaches the next.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import certifi
import pycurl
import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from cases.engine.curl_errors import sentence
from cases.engine.errors import NoAnswer
from cases.engine.messages import Request, Response, Timings
from cases.engine.policy import Policy

_HANDLES = 8  # policies whose connections a thread keeps
_CA_FILE = certifi.where()
_EMPTY_LINES = (b"\r\n", b"\n")
# Headers libcurl would add by itself; "Name:" tells it not to.
_NOT_BY_ITSELF = ("Expect", "Content-Type", "Proxy-Connection", "Accept", "User-Agent")


@dataclass(frozen=True, slots=True)
class Wire:
    """One request with the limits it must keep."""

    request: Request
    policy: Policy
    timeout_ms: int
    connect_timeout_ms: int
    response_limit: int


class PreparedWire(requests.PreparedRequest):
    """A prepared request that carries the exact message beside requests' view of it."""

    def __init__(self, wire: Wire) -> None:
        # Without super(): it would set `headers` and build what nobody asks for.
        self.hooks: dict[str, list[Any]] = {"response": []}
        self._cookies = None
        self.wire = wire
        self.method = wire.request.method
        self.url = wire.request.url
        self.body = wire.request.body

    @cached_property
    def headers(self) -> CaseInsensitiveDict[str]:  # type: ignore[override]
        return CaseInsensitiveDict(self.wire.request.headers)


class CurlAnswer(requests.Response):
    """requests' view of an answer, with the engine's own.

    Only what `requests.Session.send` and auth hooks look at is filled in: a whole Response
    costs more than the exchange.
    """

    def __init__(self, request: PreparedWire, plain: Response) -> None:
        self.plain = plain
        self.request = request
        self.status_code = plain.status
        self.reason = plain.reason
        self.url = plain.url
        self.history = []
        self.raw = _raw(plain)
        self._content = plain.body

    @cached_property
    def headers(self) -> CaseInsensitiveDict[str]:  # type: ignore[override]
        return CaseInsensitiveDict(self.plain.headers)


class CurlAdapter(BaseAdapter):
    """Belongs to one thread, like the handles in it."""

    def __init__(self) -> None:
        super().__init__()
        self._handles: OrderedDict[Policy, tuple[pycurl.Curl, Receiver]] = OrderedDict()

    def send(  # type: ignore[override]
        self, request: PreparedWire, *args: object, **kwargs: object
    ) -> CurlAnswer:
        """Raises NoAnswer with a sentence and what had arrived."""
        return CurlAnswer(request, self._exchange(request.wire))

    def close(self) -> None:
        for handle, _ in self._handles.values():
            handle.close()
        self._handles.clear()

    def _exchange(self, wire: Wire) -> Response:
        handle, receiver = self._handle(wire.policy)
        receiver.begin(wire.response_limit)
        try:
            _configure(handle, wire)
            handle.perform()
        except pycurl.error as error:
            code, text = (*error.args, "")[:2]
            came = _response(handle, receiver, wire) if receiver.head() else None
            raise NoAnswer(
                receiver.refused or sentence(handle, code, text, wire.request.url, wire),
                came,
            ) from None
        else:
            return _response(handle, receiver, wire)
        finally:
            receiver.begin(0)

    def _handle(self, policy: Policy) -> tuple[pycurl.Curl, Receiver]:
        found = self._handles.get(policy)
        if found is None:
            found = self._handles[policy] = _open(policy)
            if len(self._handles) > _HANDLES:
                self._handles.popitem(last=False)[1][0].close()
        else:
            self._handles.move_to_end(policy)
        return found


class Receiver:
    """Takes what arrives. libcurl's callbacks cannot raise: they note a reason and
    stop.
    """

    __slots__ = ("_limit", "_size", "lines", "pieces", "refused")

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.pieces: list[bytes] = []
        self.begin(0)

    def begin(self, limit: int) -> None:
        self.lines.clear()
        self.pieces.clear()
        self.refused = ""
        self._limit = limit
        self._size = 0

    def write(self, data: bytes) -> int:
        """Called with decompressed data; a wrong count makes libcurl stop."""
        self._size += len(data)
        if self._size > self._limit:
            self.refused = (
                f"The answer is larger than the limit of {self._limit} bytes "
                "(counted after decompression)."
            )
            self.pieces.append(data[: self._limit - self._size])
            return -1
        self.pieces.append(data)
        return len(data)

    def head(self) -> list[bytes]:
        """The last status line and its headers: no 1xx or CONNECT before, no trailers
        behind.
        """
        start, end = 0, -1
        for number, line in enumerate(self.lines):
            if end >= start and line.startswith(b"HTTP/"):
                start = number
            elif end < start and line in _EMPTY_LINES:
                end = number
        return self.lines[start:end] if end > start else []


def _open(policy: Policy) -> tuple[pycurl.Curl, Receiver]:
    handle, receiver = pycurl.Curl(), Receiver()
    set_ = handle.setopt
    set_(pycurl.NOSIGNAL, 1)  # signals reach only the main thread
    web = pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS
    set_(pycurl.PROTOCOLS, web)  # the default includes file://
    set_(pycurl.REDIR_PROTOCOLS, web)
    set_(pycurl.FOLLOWLOCATION, 0)  # the runner follows, hop by hop
    set_(pycurl.PATH_AS_IS, 1)
    set_(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    set_(pycurl.ACCEPT_ENCODING, "")  # decode all it knows; the header itself is ours
    # Both always: libcurl reads http_proxy and no_proxy from the environment itself.
    set_(pycurl.PROXY, policy.proxy)
    set_(pycurl.NOPROXY, "")
    set_(pycurl.SSL_VERIFYPEER, int(policy.verify_tls))
    set_(pycurl.SSL_VERIFYHOST, 2 if policy.verify_tls else 0)
    if policy.ca_certificate:
        set_(pycurl.CAINFO_BLOB, policy.ca_certificate.encode())
    else:
        set_(pycurl.CAINFO, _CA_FILE)
    set_(pycurl.HEADERFUNCTION, receiver.lines.append)
    set_(pycurl.WRITEFUNCTION, receiver.write)
    return handle, receiver


def _configure(handle: pycurl.Curl, wire: Wire) -> None:
    request = wire.request
    set_ = handle.setopt
    set_(pycurl.URL, request.url)
    # libcurl's own idea of the path writes %2f as %2F.
    set_(pycurl.REQUEST_TARGET, _request_target(request.url, wire.policy.proxy))
    set_(pycurl.HTTPGET, 1)  # forgets the body and NOBODY of the request before
    if request.method == "HEAD":
        set_(pycurl.NOBODY, 1)  # else libcurl waits for a body until the deadline
    elif request.body:
        set_(pycurl.POST, 1)
        set_(pycurl.POSTFIELDS, request.body)
    set_(pycurl.CUSTOMREQUEST, request.method)
    set_(pycurl.HTTPHEADER, _header_lines(request))
    if wire.policy.proxy_authorization:
        line = f"Proxy-Authorization: {wire.policy.proxy_authorization}"
        tunnel = request.url.startswith("https:")
        set_(pycurl.PROXYHEADER, [line] if tunnel else [])
    set_(pycurl.TIMEOUT_MS, max(1, wire.timeout_ms))
    set_(pycurl.CONNECTTIMEOUT_MS, max(1, wire.connect_timeout_ms))


def _request_target(url: str, proxy: str) -> str:
    """The path and query; an HTTP proxy asked for a plain URL gets all of it."""
    if proxy and url.startswith("http://"):
        return url
    return url[url.index("/", url.index("://") + 3) :]


def _header_lines(request: Request) -> list[bytes]:
    lines = [
        (f"{name}: {value}" if value else f"{name};").encode("utf-8", "surrogatepass")
        for name, value in request.headers
    ]
    names = {name.lower() for name, _ in request.headers}
    lines += [f"{name}:".encode() for name in _NOT_BY_ITSELF if name.lower() not in names]
    return lines


def _response(handle: pycurl.Curl, receiver: Receiver, wire: Wire) -> Response:
    status_line, *lines = receiver.head()
    version, _, rest = _text(status_line).strip().partition(" ")
    status, _, reason = rest.partition(" ")
    headers: list[tuple[str, str]] = []
    for line in lines:
        name, _, value = _text(line).partition(":")
        if line[:1] in b" \t" and headers:  # a value folded over two lines
            headers[-1] = (
                headers[-1][0],
                f"{headers[-1][1]} {line.strip().decode('latin-1')}",
            )
        else:
            headers.append((name.strip(), value.strip()))
    info = handle.getinfo
    host = info(pycurl.PRIMARY_IP)
    return Response(
        status=int(status),
        reason=reason,
        version=version.removeprefix("HTTP/"),
        url=wire.request.url,
        headers=tuple(headers),
        body=b"".join(receiver.pieces),
        timings=_timings(info),
        address=f"[{host}]:{info(pycurl.PRIMARY_PORT)}"
        if ":" in host
        else f"{host}:{info(pycurl.PRIMARY_PORT)}",
    )


def _timings(info: Any) -> Timings:
    total = round(info(pycurl.TOTAL_TIME) * 1000, 3)
    first_byte = round(info(pycurl.STARTTRANSFER_TIME) * 1000, 3)
    if not info(pycurl.NUM_CONNECTS):
        return Timings(first_byte_ms=first_byte, total_ms=total)
    dns = info(pycurl.NAMELOOKUP_TIME) * 1000
    connect = info(pycurl.CONNECT_TIME) * 1000
    tls = info(pycurl.APPCONNECT_TIME) * 1000
    return Timings(
        dns_ms=round(dns, 3),
        connect_ms=round(connect, 3),
        tls_ms=round(tls, 3) if tls else None,
        first_byte_ms=first_byte,
        total_ms=total,
    )


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _raw(plain: Response) -> Any:
    """requests reads cookies from `raw._original_response.msg`: made when there are
    any.
    """
    cookies = [value for name, value in plain.headers if name.lower() == "set-cookie"]
    if not cookies:
        return None
    message = Message()
    for value in cookies:
        message["Set-Cookie"] = value
    original: Mapping[str, Any] = {"msg": message}
    return SimpleNamespace(_original_response=SimpleNamespace(**original))
