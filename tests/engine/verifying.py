"""A server that lets nobody in without a right signature, or with one that it has seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.servers.threaded import Threaded


@dataclass(frozen=True)
class Signed:
    """A request as it arrived."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def target(self) -> str:
        return self.url[self.url.index("/", self.url.index("://") + 3) :]


class Verifying(Threaded):
    """`signature` says what makes a request unique, and whether it is signed rightly.

    /hop redirects to /end, or to the `elsewhere` that is set, with the query that came;
    /busy answers 503 at first. `answers` has the status and the path of each request.
    """

    def __init__(self, signature: Callable[[Signed], tuple[str, bool]], status: int) -> None:
        self.elsewhere = ""
        self.answers: list[tuple[int, str]] = []
        self.arrived: list[Signed] = []
        seen: set[str] = set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                url = f"{server.url}{self.path}"
                signed = Signed(self.command, url, dict(self.headers.items()), body)
                unique, is_right = signature(signed)
                path, _, query = self.path.partition("?")
                code = 200 if is_right and unique not in seen else 401
                if code == 200 and path == "/busy" and not server.answers:
                    code = 503
                elif code == 200 and path == "/hop":
                    code = status
                seen.add(unique)
                server.arrived.append(signed)
                server.answers.append((code, path))
                self.send_response(code)
                if code == status:
                    where = f"{server.elsewhere}/end?{query}"
                    self.send_header("Location", where)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *args: object) -> None:
                pass

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
