"""A server that answers every request with the next of many broken answers."""

from __future__ import annotations

import gzip
import json
import random
import socketserver
import threading
import zlib
from collections.abc import Iterator
from typing import Any

from tests.servers.threaded import Threaded
from tests.target_pages import DOCUMENT

_BODY = json.dumps(DOCUMENT).encode()
_PAGE = b"<html><body><ul><li class=a>one<li>two</ul><p>&amp;</p></body></html>"
_FEED = b'<?xml version="1.0"?><f xmlns:m="urn:m"><e id="1"><m:t>a</m:t></e></f>'
_JUNK = [
    b"\x00",
    b"\xff",
    b"\r\n",
    b"\r\n\r\n",
    b"%",
    b":",
    b"HTTP/1.1 ",
    b"\xed\xa0\x80",
    b"{",
]


def answers(seed: int) -> Iterator[bytes]:
    """For ever: whole answers with something wrong, or with much of something."""
    chance = random.Random(seed)
    while True:
        answer = chance.choice(_KINDS)(chance)
        for _ in range(chance.choice((0, 0, 1, 1, 3))):
            answer = _bent(answer, chance)
        yield answer


def _bent(answer: bytes, chance: random.Random) -> bytes:
    """Cut, doubled, or with junk in it."""
    at = chance.randrange(len(answer) + 1)
    match chance.randrange(4):
        case 0:
            return answer[:at]
        case 1:
            return answer[:at] + chance.choice(_JUNK) + answer[at:]
        case 2:
            return answer[:at] + chance.randbytes(chance.randrange(64)) + answer[at + 8 :]
        case _:
            end = min(len(answer), at + chance.randrange(200))
            return answer[:end] + answer[at:]


def _whole(
    body: bytes, *headers: str, length: int | None = None, status: str = "200 OK"
) -> bytes:
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {size}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _document(chance: random.Random) -> bytes:
    body, kind = chance.choice(
        [(_BODY, "application/json"), (_PAGE, "text/html"), (_FEED, "application/xml")]
    )
    charset = chance.choice(["", "; charset=utf-16", "; charset=gbk", "; charset=\x7f", ";;="])
    return _whole(body, f"Content-Type: {kind}{charset}")


def _wrong_length(chance: random.Random) -> bytes:
    return _whole(_BODY, length=chance.choice([0, 1, len(_BODY) + 9, 10**12]))


def _deep(chance: random.Random) -> bytes:
    depth = chance.choice([500, 5_000, 100_000])
    body = chance.choice(
        [b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth, b"<a>" * depth]
    )
    kind = chance.choice(["application/json", "text/html", "text/xml"])
    return _whole(body, f"Content-Type: {kind}")


def _numbers(chance: random.Random) -> bytes:
    number = chance.choice([b"9" * 5_000, b"1e999", b"-0", b"NaN", b"1" + b"0" * 400 + b".5"])
    return _whole(b'{"id": ' + number + b', "items": [' + number + b"]}")


def _headers(chance: random.Random) -> bytes:
    many = [f"X-{number}: {'v' * 50}" for number in range(chance.choice([10, 1_500]))]
    return _whole(_BODY, *many, "Set-Cookie: sid=" + "x" * 5_000, "Set-Cookie: =;;=")


def _chunked(chance: random.Random) -> bytes:
    size = chance.choice([b"ffffffffffffffff", b"-1", b"zz", b"5;x=y", b"f" * 40])
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + size + b"\r\nhello\r\n0\r\nX-Trailer: \xff\r\n\r\n"


def _packed(chance: random.Random) -> bytes:
    data = _BODY * chance.choice([1, 2_000])
    coding, packed = chance.choice(
        [("gzip", gzip.compress(data)), ("deflate", zlib.compress(data))]
    )
    return _whole(packed[: chance.choice([None, 20])], f"Content-Encoding: {coding}")


def _surrogates(chance: random.Random) -> bytes:
    return _whole(rb'{"name": "\ud800\u0000", "tags": ["\udfff", "a"], "id": null}')


def _status(chance: random.Random) -> bytes:
    status = chance.choice(
        ["999 ?", "100 Continue", "204 No Content", "304 x", "302 Found", "-5"]
    )
    place = chance.choice(["/again", "", "//", "http://[", "\xff", "file:///etc/passwd"])
    return _whole(b"", f"Location: {place}", status=status)


_KINDS = (
    _document,
    _document,
    _wrong_length,
    _deep,
    _numbers,
    _headers,
    _chunked,
    _packed,
    _surrogates,
    _status,
)


class HostileServer(Threaded):
    """Hangs up behind every answer."""

    def __init__(self, seed: int) -> None:
        self._answers = answers(seed)
        self._lock = threading.Lock()
        self.last = b""
        server = _Server(("127.0.0.1", 0), _Connection)
        server.hostile = self
        super().__init__(server)

    def next(self) -> bytes:
        with self._lock:
            self.last = next(self._answers)
            return self.last


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    hostile: HostileServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The client hung up on a hostile answer: as it should."""


class _Connection(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.request.settimeout(5)
        asked = b""
        while b"\r\n\r\n" not in asked:
            piece = self.request.recv(65_536)
            if not piece:
                return
            asked += piece
        self.request.sendall(self.server.hostile.next())
