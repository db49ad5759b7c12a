"""An HTTP/2 server of the library h2, over TLS: it answers with the headers that it got."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from types import TracebackType
from typing import Self

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived, StreamEnded

from tests.target_certificates import Certificates


class Http2Server:
    """Offers nothing else by ALPN."""

    def __init__(self) -> None:
        certificates = Certificates.make("127.0.0.1")
        self.ca_certificate = certificates.authority
        self._context = certificates.server_context()
        self._context.set_alpn_protocols(["h2"])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                plain, _address = self._listener.accept()
            except OSError:  # closed: the test is over
                return
            threading.Thread(target=self._talk, args=(plain,), daemon=True).start()

    def _talk(self, plain: socket.socket) -> None:
        try:
            with self._context.wrap_socket(plain, server_side=True) as stream:
                _answer_all(stream)
        except OSError:  # the asker went away
            plain.close()


def _answer_all(stream: ssl.SSLSocket) -> None:
    connection = H2Connection(config=H2Configuration(client_side=False))
    connection.initiate_connection()
    stream.sendall(connection.data_to_send())
    asked: dict[int, list[list[str]]] = {}
    while data := stream.recv(65_536):
        for event in connection.receive_data(data):
            if isinstance(event, RequestReceived):
                asked[event.stream_id] = [
                    [name.decode(), value.decode()] for name, value in event.headers
                ]
            elif isinstance(event, StreamEnded):
                body = json.dumps(asked.pop(event.stream_id)).encode()
                headers = [(":status", "200"), ("content-type", "application/json")]
                connection.send_headers(event.stream_id, headers)
                connection.send_data(event.stream_id, body, end_stream=True)
        stream.sendall(connection.data_to_send())
