"""A handle is told only what differs: whatever it sent before, it sends what was asked."""

from __future__ import annotations

import random
from itertools import product

import pytest

from cases.engine.eraser import BODY_LIMIT
from cases.engine.errors import NoAnswer
from cases.engine.long_body import LongBody, assembled
from cases.engine.messages import Request
from cases.engine.plain_data import Pairs
from cases.engine.policy import Policy
from cases.engine.transport import Session
from cases.engine.wire import Wire
from tests.target import Target

METHODS = ("GET", "HEAD", "POST", "DELETE", "PUT")
LONG = assembled([b"x" * BODY_LIMIT, b"y"])
BODIES = (b"", b"{}", b"a longer one", LONG)
HEADERS: tuple[Pairs, ...] = ((), (("Authorization", "Basic abc"),), (("X-Empty", ""),))
PATHS = ("/echo", "/echo?q=%2f")


def wire(target: Target, request: Request, *, timeout_ms: int = 20_000) -> Wire:
    body = (("Content-Length", str(len(request.body))),) if request.body else ()
    headers = (("Host", target.address), ("Accept-Encoding", ""), *request.headers, *body)
    whole = request._replace(url=f"{target.url}{request.url}", headers=headers)
    return Wire(whole, Policy(), timeout_ms, 10_000, 10_000_000)


def expected(target: Target, request: Request) -> bytes:
    sent = wire(target, request).request
    lines = [f"{request.method} {request.url} HTTP/1.1"]
    lines += [f"{name}: {value}" if value else f"{name}:" for name, value in sent.headers]
    return "\r\n".join([*lines, "", ""]).encode() + sent.content


def requests_in_any_order() -> list[Request]:
    """Every one follows many others; some follow themselves."""
    found = [
        Request(method, path, headers, body)
        for method, path, headers, body in product(METHODS, PATHS, HEADERS, BODIES)
        if not (body and method == "HEAD")
    ]
    order = random.Random(7)
    plain = [request for request in found if not request.body]
    return [*order.sample(found, len(found)), *order.choices(plain, k=200)]


def test_every_request_is_sent_as_if_it_were_the_first(
    target: Target, session: Session
) -> None:
    for request in requests_in_any_order():
        target.clear()
        session.send(wire(target, request))
        assert [asked.raw for asked in target.requests] == [expected(target, request)]


def test_a_deadline_is_that_of_its_own_request(target: Target, session: Session) -> None:
    slow, quick = Request("GET", "/slow/300"), Request("GET", "/echo")
    session.send(wire(target, quick))
    with pytest.raises(NoAnswer, match="within 50 ms"):
        session.send(wire(target, slow, timeout_ms=50))
    assert session.send(wire(target, slow)).status == 200


def test_a_request_that_was_refused_leaves_nothing(target: Target, session: Session) -> None:
    first = Request("GET", "/echo", (("Authorization", "Basic abc"),))
    session.send(wire(target, first))
    refused = wire(target, Request("GET", "/echo?second"))
    refused = refused._replace(request=refused.request._replace(method="\0"))
    with pytest.raises(ValueError, match="null"):
        session.send(refused)
    session.send(wire(target, first))
    assert target.requests[-1].raw == expected(target, first)


def test_a_long_body_is_let_go(target: Target, session: Session) -> None:
    body = LongBody((b"x" * BODY_LIMIT, b"y"))
    request = wire(target, Request("POST", "/echo", (), body))
    session.send(request)
    [line] = session._adapter._lines.values()
    assert line.options._last.request.body == b""
