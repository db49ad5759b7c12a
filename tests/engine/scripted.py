"""A server that answers one request after the other as it was told; the last rule stays."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType
from typing import Self

HANG_UP = ""


def answer(status: int, *headers: str, body: str = "{}") -> str:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers, "", body]
    return "\r\n".join(lines)


class Scripted:
    def __init__(self, *script: str) -> None:
        self.n_requests = 0
        self._script = script
        self._lock = threading.Lock()
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

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
