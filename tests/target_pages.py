"""What the target can be asked; the first part of the path names the page.

/echo                   JSON of what arrived: method, target, headers, body
/mirror                 the body that came, with its content type
/json                   a small document to point JSONPaths at
/status/404             that status, with a JSON body unless it may not have one
/recovers/2             503 for the first two times, then 200
/headers?A=1&A=2        these response headers, repeated as given
/cookies/set?a=1        Set-Cookie: a=1; Path=/  (attributes: ?a=1;%20HttpOnly)
/text?charset=gbk       Chinese text in that charset
/bytes/300              0, 1, 2 ... 255, 0 ...
/basic/USER/PASSWORD    200 or 401; /bearer/TOKEN likewise
/challenge?with=...     401 with that WWW-Authenticate
/redirect/3             3, 2, 1, then /echo; /redirect-to?url=&status=; /loop
/slow/500               answers after that many ms; /drip?bytes=10&every_ms=50
/gzip /deflate /brotli  compressed JSON
/gzip-bomb?bytes=N      N zeros, compressed; /bad-gzip; /unknown-coding
/big?bytes=N            a body of N bytes; without Content-Length if &chunked=1
/random?bytes=N         a body of N bytes that cannot be compressed
/half-a-character       JSON whose text is a lone surrogate and NUL
/close                  hangs up without a word; /close-in-middle
/garbage                no HTTP at all; /bad-length; /odd-status
/then-close             a whole answer, then hangs up although it said keep-alive
/early-hints            103 with a header, then 200
/trailers               chunked, with a trailer
/many-headers           more headers than anybody should send
"""

from __future__ import annotations

import base64
import json
import random
import zlib
from collections.abc import Callable, Iterator
from http import HTTPStatus
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import brotli

if TYPE_CHECKING:
    from tests.target import Asked

BLOCK = 64 * 1024
DOCUMENT = {
    "id": 5,
    "name": "Müller",
    "price": 9.5,
    "active": True,
    "nothing": None,
    "tags": ["a", "b"],
    "empty": [],
    "address": {"city": "Köln", "zip": "50667"},
    "items": [{"id": 1, "ok": True}, {"id": 2, "ok": False}],
    "big": 12345678901234567890123,
}


class Reply:
    """Writes an answer; whether the connection stays open afterwards is `keep`."""

    def __init__(self, asked: Asked, stream: Any, closing: Event) -> None:
        self.asked = asked
        self.closing = closing
        self.keep = (asked.header("Connection") or "").lower() != "close"
        self._stream = stream

    def write(self, data: bytes) -> None:
        self._stream.sendall(data)

    def head(self, status: int, headers: list[tuple[str, str]]) -> None:
        phrase = HTTPStatus(status).phrase if status in _STATUSES else "Whatever"
        lines = [f"HTTP/1.1 {status} {phrase}", *(f"{n}: {v}" for n, v in headers)]
        self.write("\r\n".join([*lines, "", ""]).encode())

    def send(
        self, body: bytes = b"", status: int = 200, headers: Any = (), kind: str = ""
    ) -> None:
        """A whole answer with its length; HEAD gets the head only."""
        pairs = [*headers]
        if kind:
            pairs.append(("Content-Type", kind))
        if status not in (204, 304):
            pairs.append(("Content-Length", str(len(body))))
        self.head(status, pairs)
        if self.asked.method != "HEAD" and status not in (204, 304):
            self.write(body)

    def json(self, value: Any, status: int = 200, headers: Any = ()) -> None:
        body = json.dumps(value, ensure_ascii=False).encode()
        self.send(body, status, headers, "application/json")

    def chunks(self, pieces: Iterator[bytes], headers: Any = ()) -> None:
        self.head(200, [*headers, ("Transfer-Encoding", "chunked")])
        for piece in pieces:
            if self.closing.is_set():
                return
            self.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.write(b"0\r\n\r\n")


_STATUSES = {status.value for status in HTTPStatus}


def answer(asked: Asked, stream: Any, closing: Event) -> bool:
    """Write the answer; False if the connection must end."""
    reply = Reply(asked, stream, closing)
    name, *rest = asked.path.strip("/").split("/")
    PAGES.get(name, _not_found)(asked, reply, rest)
    return reply.keep


def _not_found(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.json({"error": "no such page", "path": asked.path}, 404)


def _echo(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.json(
        {
            "method": asked.method,
            "target": asked.target,
            "headers": asked.headers,
            "body": asked.body.decode("utf-8", "replace"),
        }
    )


def _mirror(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.send(asked.body, kind=asked.header("Content-Type") or "")


def _status(asked: Asked, reply: Reply, rest: list[str]) -> None:
    reply.json({"status": int(rest[0])}, int(rest[0]))


def _recovers(asked: Asked, reply: Reply, rest: list[str]) -> None:
    reply.json({"time": asked.nth}, 200 if asked.nth > int(rest[0]) else 503)


def _headers(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.send(b"{}", headers=asked.query, kind="application/json")


def _cookies(asked: Asked, reply: Reply, rest: list[str]) -> None:
    cookies = [
        ("Set-Cookie", f"{name}={value}" + ("" if ";" in value else "; Path=/"))
        for name, value in asked.query
    ]
    reply.json({"cookie": asked.header("Cookie")}, headers=cookies)


def _text(asked: Asked, reply: Reply, _: list[str]) -> None:
    charset = asked.arg("charset", "utf-8")
    reply.send("你好, Grüße".encode(charset, "replace"), kind=f"text/plain; charset={charset}")


def _bytes(asked: Asked, reply: Reply, rest: list[str]) -> None:
    body = (bytes(range(256)) * (int(rest[0]) // 256 + 1))[: int(rest[0])]
    reply.send(body, kind="application/octet-stream")


def _challenge(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.json({}, 401, [("WWW-Authenticate", asked.arg("with"))])


def _basic(asked: Asked, reply: Reply, rest: list[str]) -> None:
    wanted = base64.b64encode(unquote(":".join(rest)).encode()).decode()
    if asked.header("Authorization") == f"Basic {wanted}":
        reply.json({"user": rest[0]})
    else:
        reply.json({}, 401, [("WWW-Authenticate", 'Basic realm="tests"')])


def _bearer(asked: Asked, reply: Reply, rest: list[str]) -> None:
    right = asked.header("Authorization") == f"Bearer {rest[0]}"
    reply.json({"authenticated": right}, 200 if right else 401)


def _redirect(asked: Asked, reply: Reply, rest: list[str]) -> None:
    left = int(rest[0]) - 1
    where = f"/redirect/{left}" if left else "/echo"
    reply.send(status=302, headers=[("Location", where)])


def _redirect_to(asked: Asked, reply: Reply, _: list[str]) -> None:
    headers = [("Location", asked.arg("url"))]
    if asked.arg("cookie"):
        headers.append(("Set-Cookie", f"{asked.arg('cookie')}; Path=/"))
    reply.send(status=int(asked.arg("status", "302")), headers=headers)


def _loop(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.send(status=302, headers=[("Location", "/loop")])


def _slow(asked: Asked, reply: Reply, rest: list[str]) -> None:
    reply.closing.wait(int(rest[0]) / 1000)
    reply.json({"waited_ms": int(rest[0])})


def _drip(asked: Asked, reply: Reply, _: list[str]) -> None:
    total = int(asked.arg("bytes", "10"))
    reply.head(200, [("Content-Length", str(total))])
    for _number in range(total):
        reply.write(b".")
        if reply.closing.wait(int(asked.arg("every_ms", "50")) / 1000):
            return


def _gzip(asked: Asked, reply: Reply, _: list[str]) -> None:
    body = _compressed(json.dumps(DOCUMENT).encode(), 31)
    headers = [("Content-Encoding", "gzip")]
    reply.send(body, headers=headers, kind="application/json")


def _deflate(asked: Asked, reply: Reply, _: list[str]) -> None:
    body = _compressed(json.dumps(DOCUMENT).encode(), 15)
    headers = [("Content-Encoding", "deflate")]
    reply.send(body, headers=headers, kind="application/json")


def _brotli(asked: Asked, reply: Reply, _: list[str]) -> None:
    body = brotli.compress(json.dumps(DOCUMENT).encode())
    reply.send(body, headers=[("Content-Encoding", "br")], kind="application/json")


def _gzip_bomb(asked: Asked, reply: Reply, _: list[str]) -> None:
    def pieces() -> Iterator[bytes]:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        for _number in range(int(asked.arg("bytes")) // BLOCK):
            if piece := packer.compress(bytes(BLOCK)):
                yield piece
        yield packer.flush()

    reply.chunks(pieces(), [("Content-Encoding", "gzip")])


def _bad_gzip(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.send(b"this is not gzip", headers=[("Content-Encoding", "gzip")])


def _unknown_coding(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.send(b"whatever", headers=[("Content-Encoding", "secret-sauce")])


def _big(asked: Asked, reply: Reply, _: list[str]) -> None:
    total = int(asked.arg("bytes"))
    blocks = (b"x" * min(BLOCK, total - sent) for sent in range(0, total, BLOCK))
    if asked.arg("chunked"):
        reply.chunks(blocks)
        return
    reply.head(200, [("Content-Length", str(total))])
    for block in blocks:
        reply.write(block)


def _random(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.send(random.Random(1).randbytes(int(asked.arg("bytes"))))


def _half_a_character(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.send(rb'{"text": "\ud800\u0000"}', kind="application/json")


def _close(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.keep = False


def _close_in_middle(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.head(200, [("Content-Type", "text/plain"), ("Content-Length", "100")])
    reply.write(b"ten bytes!")
    reply.keep = False


def _garbage(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.write(b"\x00\x01 this is not HTTP \xff\xfe\r\n\r\n")
    reply.keep = False


def _odd_status(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.write(b"HTTP/1.1 200\xff OK\r\nContent-Length: 0\r\n\r\n")


def _bad_length(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.head(200, [("Content-Length", "a lot")])
    reply.keep = False


def _then_close(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.json({"connection": asked.connection})
    reply.keep = False


def _early_hints(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.head(103, [("Link", "</style.css>"), ("X-Hint", "early")])
    reply.json({"hinted": True})


def _trailers(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.head(200, [("Transfer-Encoding", "chunked"), ("Trailer", "X-Sum")])
    reply.write(b"5\r\nhello\r\n0\r\nX-Sum: 42\r\n\r\n")


def _many_headers(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.send(headers=[(f"X-{number}", "v" * 1000) for number in range(1000)])


def _document(asked: Asked, reply: Reply, _: list[str]) -> None:
    reply.json(DOCUMENT)


def _compressed(data: bytes, window: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    return packer.compress(data) + packer.flush()


PAGES: dict[str, Callable[[Asked, Reply, list[str]], None]] = {
    "echo": _echo,
    "mirror": _mirror,
    "json": _document,
    "status": _status,
    "recovers": _recovers,
    "headers": _headers,
    "cookies": _cookies,
    "text": _text,
    "bytes": _bytes,
    "challenge": _challenge,
    "basic": _basic,
    "bearer": _bearer,
    "redirect": _redirect,
    "redirect-to": _redirect_to,
    "loop": _loop,
    "slow": _slow,
    "drip": _drip,
    "gzip": _gzip,
    "deflate": _deflate,
    "brotli": _brotli,
    "gzip-bomb": _gzip_bomb,
    "bad-gzip": _bad_gzip,
    "unknown-coding": _unknown_coding,
    "big": _big,
    "random": _random,
    "half-a-character": _half_a_character,
    "close": _close,
    "close-in-middle": _close_in_middle,
    "garbage": _garbage,
    "bad-length": _bad_length,
    "odd-status": _odd_status,
    "then-close": _then_close,
    "early-hints": _early_hints,
    "trailers": _trailers,
    "many-headers": _many_headers,
}
