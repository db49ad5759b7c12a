"""What real APIs also do: be slow, fail now and then, redirect, count, look old."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl

from demo.messages import Answer, Refused, Request, invalid, reply


def health(request: Request) -> Answer:
    """GET /health: which installation this is."""
    site = request.site
    return reply({"status": "ok", "site": site.name, "version": site.version})


def slow(request: Request) -> Answer:
    """GET /slow?ms=300: answers after that time."""
    wait_ms = request.number("ms", 300, 0, 10_000)
    time.sleep(wait_ms / 1000)
    return reply({"waited_ms": wait_ms})


def flaky(request: Request) -> Answer:
    """GET /flaky?key=K: every third call with the same key fails."""
    key = request.query.get("key", "")
    if not 1 <= len(key) <= 100:
        raise invalid({"key": "must be a text of 1 to 100 characters"})
    call = request.site.count(key)
    if call % 3 == 0:
        raise Refused(
            503,
            "try_again",
            f"Call {call} of this key fails: every third one does.",
            headers=(("Retry-After", "0"),),
        )
    return reply({"call": call})


def moved(request: Request) -> Answer:
    """GET /shop/items: where the products were before; 301."""
    return _to(request, 301, "/products")


def hop(request: Request, left: int) -> Answer:
    """GET /hops/{n}: n redirects, then the health page."""
    return _to(request, 302, f"/hops/{left - 1}" if left > 1 else "/health")


def search(request: Request) -> Answer:
    """POST /search: a form; answers its fields in the order they came."""
    if request.headers.get_content_type() != "application/x-www-form-urlencoded":
        raise Refused(415, "unsupported_media_type", "Send a form.")
    return reply({"fields": parse_qsl(request.body.decode(), keep_blank_values=True)})


def echo(request: Request) -> Answer:
    """Any method at /echo: what arrived, header by header."""
    return reply(
        {
            "method": request.method,
            "headers": [list(pair) for pair in request.headers.items()],
            "query": dict(request.query),
            "body": request.body.decode("utf-8", "replace"),
        }
    )


def _to(request: Request, status: int, path: str) -> Answer:
    where = f"{request.site.prefix}{path}"
    return Answer(status=status, headers=(("Location", where),))
