"""The API under test, for tests: a real server on a free port that does what it is told.

    with Target() as target:
        ... ask target.url + "/status/404" ...
        assert target.requests[-1].raw.startswith(b"GET /status/404 HTTP/1.1")

Every request is kept byte for byte, in the order of arrival. tests/target_pages.py lists
what can be asked. `Target(tls=True)` speaks TLS with a certificate of an authority of its
own (`target.ca_certificate`, PEM), with `asks_client=True` only to who has one of it too.
Asked as a proxy it answers by itself (absolute form) or opens a tunnel (CONNECT).
"""

from __future__ import annotations

import select
import socket
import socketserver
import ssl
import threading
from collections import Counter
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests import target_pages
from tests.target_certificates import Certificates


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    raw: bytes
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int  # numbered as they were opened: the same number is a reused one
    nth: int = 1  # how often its target was asked for, this time included

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    def arg(self, name: str, default: str = "") -> str:
        return dict(self.query).get(name, default)

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        wanted = name.lower()
        return next((v for n, v in self.headers if n.lower() == wanted), None)


class Target:
    def __init__(
        self,
        *,
        tls: bool = False,
        host: str = "127.0.0.1",
        expired: bool = False,
        asks_client: bool = False,
    ) -> None:
        self._server = _Server((host, 0), _Connection)
        self._server.target = self
        self._lock = threading.Lock()
        self._requests: list[Asked] = []
        self._times: Counter[str] = Counter()
        self._connections = 0
        self.closing = threading.Event()
        self.ca_certificate = ""
        self.tls_context: ssl.SSLContext | None = None
        if tls:
            certificates = Certificates.make(host, expired=expired)
            self.certificates = certificates
            self.ca_certificate = certificates.authority
            self.tls_context = certificates.server_context(asks_client=asks_client)
        self.address = f"{host}:{self._server.server_address[1]}"
        self.url = f"{'https' if tls else 'http'}://{self.address}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.end_connections()
        self._server.server_close()
        self._thread.join()

    @property
    def requests(self) -> list[Asked]:
        """All requests so far; a copy."""
        with self._lock:
            return list(self._requests)

    def clear(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._requests.clear()
            self._times.clear()

    def record(self, asked: Asked) -> Asked:
        with self._lock:
            self._times[asked.target] += 1
            asked = replace(asked, nth=self._times[asked.target])
            self._requests.append(asked)
            return asked

    def number_connection(self) -> int:
        with self._lock:
            self._connections += 1
            return self._connections


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    target: Target

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()

    def get_request(self) -> tuple[Any, Any]:
        stream, address = super().get_request()
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.target.tls_context is not None:
            # The handshake belongs to the connection's own thread.
            stream = self.target.tls_context.wrap_socket(
                stream, server_side=True, do_handshake_on_connect=False
            )
        return stream, address

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:  # it ended by itself meanwhile
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what many tests are about."""


class _Connection(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        target = self.server.target
        stream = self.request
        if target.tls_context is not None:
            stream.do_handshake()
        number = target.number_connection()
        reader = stream.makefile("rb")
        while (asked := _read(reader, number)) is not None:
            asked = target.record(asked)
            if asked.method == "CONNECT":
                _tunnel(stream, asked.target)
                return
            if not target_pages.answer(asked, stream, target.closing):
                return


def _read(reader: Any, number: int) -> Asked | None:
    raw = reader.readline()
    if not raw:
        return None
    method, target, _ = raw.decode("latin-1").split(" ", 2)
    headers: list[tuple[str, str]] = []
    while (line := reader.readline()) not in (b"\r\n", b""):
        raw += line
        name, _, value = line.decode("utf-8", "surrogateescape").partition(":")
        headers.append((name, value.strip()))
    raw += line
    length = next((int(v) for n, v in headers if n.lower() == "content-length"), 0)
    body = reader.read(length) if length else b""
    return Asked(raw + body, method, target, headers, body, number)


def _tunnel(client: socket.socket, authority: str) -> None:
    host, _, port = authority.rpartition(":")
    with socket.create_connection((host, int(port))) as server:
        client.sendall(b"HTTP/1.1 200 Tunnel open\r\nVia: tests\r\n\r\n")
        ends = {client: server, server: client}
        while True:
            for end in select.select(list(ends), [], [])[0]:
                data = end.recv(65_536)
                if not data:
                    return
                ends[end].sendall(data)
