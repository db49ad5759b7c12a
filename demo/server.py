"""Bytes to requests and answers to bytes: HTTP/1.1 with kept connections, bounded."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import parse_qsl, unquote

from demo.messages import Answer, Refused, Request
from demo.routes import answer
from demo.shop import Site

MAX_BODY = 1024 * 1024
MAX_CONNECTIONS = 500  # each has a thread; more wait until one of these ends
IDLE_S = 60  # a connection that asks nothing for so long is closed


class Server(ThreadingHTTPServer):
    """The shop twice: at `/`, and as another installation at `/staging`."""

    request_queue_size = 512
    daemon_threads = True

    def __init__(self, port: int) -> None:
        self.sites = (
            Site("staging", "/staging", "1.5.0-rc1", "staging-secret"),
            Site("local", "", "1.4.2", "demo-secret"),
        )
        self._slots = BoundedSemaphore(MAX_CONNECTIONS)
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._slots.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_S
    wbufsize = -1  # head and body leave in one packet
    disable_nagle_algorithm = True
    server: Server

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True  # the asker left: nobody to tell

    def _handle(self) -> None:
        try:
            body = self._body()
        except Refused as refused:
            self.close_connection = True  # what is left of the body is not a request
            self._send(refused.answer())
            return
        path, _, query = self.path.partition("?")
        site = next(
            site
            for site in self.server.sites
            if path == site.prefix or path.startswith(site.prefix + "/") or not site.prefix
        )
        request = Request(
            method=self.command,
            path=unquote(path[len(site.prefix) :]),
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers=self.headers,
            body=body,
            site=site,
        )
        self._send(answer(request))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _handle

    def _body(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            raise Refused(411, "length_required", "Send a Content-Length.")
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            raise Refused(400, "bad_length", "Content-Length is not a number.")
        if int(length[:12]) > MAX_BODY:
            raise Refused(413, "too_large", f"A body has at most {MAX_BODY} bytes.")
        return self.rfile.read(int(length))

    def _send(self, reply: Answer) -> None:
        has_body = reply.status not in (204, 304)
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if has_body:
            self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if has_body and self.command != "HEAD":
            self.wfile.write(reply.body)

    def version_string(self) -> str:
        return "demo-shop"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the record of a run shows every exchange."""
