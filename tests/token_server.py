"""A token endpoint of oauthlib, and an API that wants its tokens, on a free port."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote_plus

from oauthlib.oauth2 import (
    BackendApplicationServer,
    LegacyApplicationServer,
    RequestValidator,
)

from tests.servers.threaded import Threaded

CLIENT = ("me: ü", "cl+ient/s3cret")
USER = ("mei", "pä&ss=word")


class Rules(RequestValidator):
    """One client, one user, scopes read and write."""

    def __init__(self, server: TokenServer) -> None:
        super().__init__()
        self.server = server

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        said = request.headers.get("Authorization", "")
        if said.startswith("Basic "):
            pair = b64decode(said[6:]).decode().split(":")
            given = tuple(map(unquote_plus, pair))
        else:
            given = (request.client_id, request.client_secret)
        request.client = type("Client", (), {"client_id": CLIENT[0]})
        return given == CLIENT

    def client_authentication_required(self, request: Any, *args: Any, **kw: Any) -> bool:
        return True

    def validate_user(self, username: str, password: str, *args: Any, **kwargs: Any) -> bool:
        return (username, password) == USER

    def validate_grant_type(self, *args: Any, **kwargs: Any) -> bool:
        return True

    def validate_scopes(self, client_id: str, scopes: list[str], *args: Any, **kw: Any) -> bool:
        return set(scopes) <= {"read", "write"}

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return ["read"]

    def save_bearer_token(self, token: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        self.server.issued.append(token)


class TokenServer(Threaded):
    """POST /token gives tokens, GET /api wants one that was not revoked."""

    def __init__(self, expires_in: int = 3600) -> None:
        self.issued: list[dict[str, Any]] = []
        self.revoked: set[str] = set()
        # When so many requests were let in, and one of everybody who fetched a token, the
        # tokens issued so far are revoked. Who fetched is known by the port.
        self.revokes_after = 0
        self.let_in: list[int] = []
        self._counting = threading.Lock()
        # The ports of those who asked for a token; they wait while this is not set.
        self.askers: list[int] = []
        self.gives = threading.Event()
        self.gives.set()
        rules = Rules(self)
        self.grants = {
            "client_credentials": BackendApplicationServer(rules, token_expires_in=expires_in),
            "password": LegacyApplicationServer(rules, token_expires_in=expires_in),
        }
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # a connection stays with who opened it
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                server.askers.append(self.client_address[1])
                server.gives.wait(60)
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                grant = body.partition("grant_type=")[2].partition("&")[0]
                headers, text, status = server.grants[grant].create_token_response(
                    # oauthlib wants TLS, and this server is on this machine.
                    server.url.replace("http:", "https:") + self.path,
                    "POST",
                    body,
                    dict(self.headers),
                )
                self.answer(status, text, headers)

            def do_GET(self) -> None:
                known = {token["access_token"] for token in server.issued} - server.revoked
                said = self.headers.get("Authorization", "").removeprefix("Bearer ")
                if said in known:
                    server.count(self.client_address[1])
                self.answer(200 if said in known else 401, json.dumps({"you_sent": said}), {})

            def answer(self, status: int, text: str, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *args: Any) -> None:
                pass

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))

    def count(self, port: int) -> None:
        with self._counting:
            self.let_in.append(port)
            is_time = 0 < self.revokes_after <= len(self.let_in)
            if is_time and not self.revoked and set(self.askers) <= set(self.let_in):
                self.revoked |= {token["access_token"] for token in self.issued}
