"""A server that answers one request after the other as it was told; the last rule stays."""

from __future__ import annotations

import socketserver
import threading

from tests.servers.threaded import Threaded

HANG_UP = ""


def answer(status: int, *headers: str, body: str = "{}") -> str:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers, "", body]
    return "\r\n".join(lines)


class Scripted(Threaded):
    def __init__(self, *script: str) -> None:
        self.n_requests = 0
        self._script = script
        self._lock = threading.Lock()
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        server.daemon_threads = True
        server.block_on_close = False
        super().__init__(server)

    def _next(self) -> str:
        with self._lock:
            text = self._script[min(self.n_requests, len(self._script) - 1)]
            self.n_requests += 1
            return text

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        scripted = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while line := self.rfile.readline():
                    if line == b"\r\n":
                        text = scripted._next()
                        if text == HANG_UP:
                            return
                        self.wfile.write(text.encode())

        return Handler
