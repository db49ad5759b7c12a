"""A socket server in a thread of its own, while a `with` block lasts."""

from __future__ import annotations

import socketserver
import threading
from typing import Self

BACKLOG = 128


class Threaded:
    """Base of the small servers that tests write themselves. `url` is where it answers."""

    def __init__(self, server: socketserver.TCPServer) -> None:
        # The five of socketserver are too few for a pool of threads: who finds no place is put
        # off by a second, and by more every time.
        server.socket.listen(BACKLOG)
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
