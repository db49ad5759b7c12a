"""What libcurl asks and hands over during an exchange, and the Response it makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pycurl

from cases.engine import guard
from cases.engine.messages import Response, Timings
from cases.engine.plain_data import Pairs

_EMPTY_LINES = (b"\r\n", b"\n")
_SAFE = ("GET", "HEAD", "OPTIONS")  # asking twice changes nothing (RFC 9110, 9.2.1)

Info = Callable[[int], Any]  # pycurl's getinfo


class Receiver:
    """Takes what arrives; says no when it is too much.

    libcurl prints what its callbacks raise and goes on with error 23, so they note the
    reason and return a code.
    """

    __slots__ = ("_limit", "_method", "_size", "_was_sent", "lines", "pieces", "refused")

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.pieces: list[bytes] = []
        self.begin("GET", 0)

    def begin(self, method: str, limit: int) -> None:
        """Get ready for the answer to one request."""
        self.forget()
        self.refused = ""
        self._method = method
        self._was_sent = False
        self._limit = limit
        self._size = 0

    def forget(self) -> None:
        """Let go of an answer that somebody has taken: it may be large."""
        self.lines.clear()
        self.pieces.clear()

    def connect(self, _purpose: int, address: guard.SocketAddress) -> Any:
        """Called before a new connection, to every address that a name has."""
        refusal = guard.refusal(str(address.addr[0]))
        if refusal:
            self.refused = f"This target may not be asked: {refusal}."
            return pycurl.SOCKET_BAD
        try:
            return guard.open_socket(address)
        except OSError as error:
            self.refused = f"No connection could be opened here: {error.strerror}."
            return pycurl.SOCKET_BAD

    def may_send(self, *_addresses: object) -> int:
        """Called on a connection, new or kept, before the request is written to it.

        When a kept connection ends without an answer, libcurl sends the request again, a
        POST too; but the target may have acted on the first.
        """
        if self._was_sent and self._method not in _SAFE:
            self.refused = (
                "The connection ended without an answer, and whether the target acted on "
                f"the request is unknown: a {self._method} is not sent twice."
            )
            return int(pycurl.PREREQFUNC_ABORT)
        self._was_sent = True
        return int(pycurl.PREREQFUNC_OK)

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

    def response(self, info: Info, url: str) -> Response | None:
        """The answer as far as it came; None if its head is not whole."""
        head = self._head()
        if not head:
            return None
        first, *lines = _texts(head)
        version, _, rest = first.strip().partition(" ")
        status, _, reason = rest.partition(" ")
        return Response(
            int(status) if status.isdecimal() else info(pycurl.RESPONSE_CODE),
            reason,
            version.removeprefix("HTTP/"),
            url,
            _headers(lines),
            b"".join(self.pieces),
            _timings(info),
            _address(info(pycurl.PRIMARY_IP), info(pycurl.PRIMARY_PORT)),
        )

    def _head(self) -> list[bytes]:
        """The last status line and its headers.

        1xx answers and a proxy's answer to CONNECT come before it, trailers behind it.
        """
        lines = self.lines
        n_ends = sum(map(lines.count, _EMPTY_LINES))
        if n_ends == 1 and lines[-1] in _EMPTY_LINES:
            return lines[:-1]  # one head and nothing else, as nearly always
        start, end = 0, -1
        for number, line in enumerate(lines):
            if end >= start and line.startswith(b"HTTP/"):
                start = number
            elif end < start and line in _EMPTY_LINES:
                end = number
        return lines[start:end] if end > start else []


def _headers(lines: Sequence[str]) -> Pairs:
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[0] in " \t" and headers:  # a value folded over two lines
            name, value = headers[-1]
            headers[-1] = name, f"{value} {line.strip()}"
        else:
            name, _, value = line.partition(":")
            headers.append((name.strip(), value.strip()))
    return tuple(headers)


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _timings(info: Info) -> Timings:
    total = info(pycurl.TOTAL_TIME_T) / 1000  # from whole microseconds
    first_byte = info(pycurl.STARTTRANSFER_TIME_T) / 1000
    if not info(pycurl.NUM_CONNECTS):
        return Timings(None, None, None, first_byte, total)
    dns = info(pycurl.NAMELOOKUP_TIME_T) / 1000
    connect = info(pycurl.CONNECT_TIME_T) / 1000
    tls = info(pycurl.APPCONNECT_TIME_T) / 1000 or None
    return Timings(dns, connect, tls, first_byte, total)


def _texts(lines: Sequence[bytes]) -> list[str]:
    """Decoded in one piece where all are UTF-8, as nearly always."""
    try:
        return b"".join(lines).decode().split("\n")[:-1]
    except UnicodeDecodeError:
        return [_text(line) for line in lines]


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")
