"""What every source reads out of an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cases.engine import extract
from cases.engine.answer import Answer, decode
from cases.engine.extract import SOURCES
from cases.engine.messages import Exchange, Request, Response, Timings
from cases.engine.patterns import Nothing
from cases.engine.variables import Variables
from tests.target_pages import DOCUMENT

HOP = Response(
    status=302,
    headers=(("Set-Cookie", "hop=1"), ("Set-Cookie", "sid=old")),
    timings=Timings(total_ms=20),
)
LAST = Response(
    status=201,
    reason="Created",
    url="http://h/last",
    address="10.0.0.7:80",
    headers=(
        ("Content-Type", "application/json"),
        ("X-A", "1"),
        ("x-a", "2"),
        ("X-Empty", ""),
        ("Set-Cookie", "sid=new=x; Path=/; HttpOnly; Max-Age=60; SameSite=Lax"),
    ),
    timings=Timings(total_ms=22.5),
)


EXCHANGE = {
    "method": "GET",
    "url": "http://h/last",
    "status": 201,
    "content_type": "application/json",
    "body": DOCUMENT,
}
REDIRECTS = [{"status": 302, "url": "http://h/", "location": "http://h/last"}]


def answer(body: bytes | None = None, content_type: str = "application/json") -> Answer:
    headers = (("Content-Type", content_type), *LAST.headers[1:])
    data = json.dumps(DOCUMENT).encode() if body is None else body
    response = LAST._replace(headers=headers, body=data)
    exchanges = [
        Exchange(request=Request(method="GET", url="http://h/"), response=HOP),
        Exchange(
            request=Request(method="GET", url="http://h/last"),
            response=response,
            purpose="redirect",
        ),
    ]
    return Answer(exchanges, Variables([("case", {"name": "{{other}}", "other": 5})]))


def read(source: str, path: str, answer: Answer) -> Any:
    return extract.read(SOURCES[source], path, answer)


@pytest.mark.parametrize(
    ("source", "path", "expected"),
    [
        ("status", "", 201),
        ("reason", "", "Created"),
        ("header", "content-type", "application/json"),
        ("header", "X-A", "1, 2"),
        ("header", " X-Empty ", ""),
        ("cookie", "sid", "new=x"),
        ("cookie", "sid[Path]", "/"),
        ("cookie", "sid[httponly]", True),
        ("cookie", "sid[Max-Age]", "60"),
        ("cookie", "hop", "1"),
        ("json", "$.id", 5),
        ("json", "$.name", "Müller"),
        ("json", "$.price", 9.5),
        ("json", "$.active", True),
        ("json", "$.nothing", None),
        ("json", "$.empty", []),
        ("json", "$.tags[1]", "b"),
        ("json", "$.tags[-1]", "b"),
        ("json", "$['address']['city']", "Köln"),
        ("json", "$.tags[*]", ["a", "b"]),
        ("json", "$.items[?@.id == 2].ok", False),
        ("json", "$..id", [5, 1, 2]),
        ("json", "$.big", 12345678901234567890123),
        ("json", "", DOCUMENT),
        ("json", "$.items[?match(@.ok, 'x')].id", Nothing),
        ("regex", r'"id": (\d+)', "5"),
        ("regex", r'"id": \d+', '"id": 5'),
        ("headers", "x-a", ["1", "2"]),
        ("bytes", "", json.dumps(DOCUMENT).encode().hex()),
        ("version", "", "1.1"),
        ("timing", "total", 22.5),
        ("css", "p", "Ann"),
        ("xpath", "//p", "Ann"),
        ("redirects", "", REDIRECTS),
        ("exchange", "", EXCHANGE),
        ("url", "", "http://h/last"),
        ("duration", "", 42.5),
        ("address", "", "10.0.0.7:80"),
        ("variable", "name", 5),
        ("headers", "X-None", Nothing),
        ("timing", "dns", Nothing),
        ("timing", "nap", Nothing),
        ("certificate", "", Nothing),
        ("header", "X-None", Nothing),
        ("cookie", "none", Nothing),
        ("cookie", "sid[Domain]", Nothing),
        ("json", "$.none", Nothing),
        ("json", "$.tags[2]", Nothing),
        ("json", "$.name.first", Nothing),
        ("json", "$.id[0]", Nothing),
        ("regex", "nowhere", Nothing),
        ("regex", "(nowhere)?Köln", Nothing),
        ("variable", "none", Nothing),
    ],
)
def test_source(source: str, path: str, expected: Any) -> None:
    markup = source in ("css", "xpath")
    found = read(source, path, answer(b"<p>Ann", "text/html") if markup else answer())
    if expected is Nothing:
        assert isinstance(found, Nothing)
    else:
        assert found == expected
        assert type(found) is type(expected)


def test_the_table_has_every_source() -> None:
    table = test_source.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {row[0] for row in table} | {"body", "size"} == set(SOURCES)


@pytest.mark.parametrize(
    ("body", "content_type", "path", "expected"),
    [
        ("<p>\u00e4<br>x</p>".encode(), "text/html", "//p", "\u00e4x"),
        ("<p>\u4f60</p>".encode("gbk"), "text/html; charset=gbk", "//p", "\u4f60"),
        ("<p>\u4f60</p>".encode("gbk"), "text/xml; charset=gbk", "//p", "\u4f60"),
        (
            '<?xml version="1.0" encoding="gbk"?><p>\u4f60</p>'.encode("gbk"),
            "text/xml",
            "//p",
            "\u4f60",
        ),
        (b"<p>a<br></p>", "text/xml", "//p", Nothing),
        (b"<p>a<br></p>", "text/plain", "//p", "a"),
        (b"", "text/html", "//p", Nothing),
        (b'{"a": 1}', "application/json", "//a", Nothing),
        (b"\xff\xfe\x00", "text/xml", "//a", Nothing),
    ],
)
def test_markup_is_read_by_its_type_and_charset(
    body: bytes, content_type: str, path: str, expected: Any
) -> None:
    found = read("xpath", path, answer(body, content_type))
    if expected is Nothing:
        assert isinstance(found, Nothing)
    else:
        assert found == expected


def test_an_exchange_has_what_is_no_json_as_text() -> None:
    assert read("exchange", "", answer(b'{"a": 1}', "text/plain"))["body"] == '{"a": 1}'
    assert read("exchange", "", answer(b"{", "application/json"))["body"] == "{"
    assert read("exchange", "", answer(b"", "application/json"))["body"] == ""


def test_size_is_that_of_the_bytes() -> None:
    assert read("size", "", answer("ü".encode())) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the body is empty"),
        (b"  ", "the body is empty"),
        (b"<html>", "the body is not JSON"),
        (b'{"a": NaN}', "the body is not JSON"),
        (b'{"a": 1}{', "the body is not JSON"),
        (b"\xff\xfe", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        (b"[" * 100_000 + b"1" * 20, "the body is not JSON"),
    ],
)
def test_a_body_that_is_not_json_says_so(body: bytes, reason: str) -> None:
    found = read("json", "$", answer(body))
    assert isinstance(found, Nothing)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b'\xef\xbb\xbf{"a":1}', "application/json", {"a": 1}),
        ('{"a":"ü"}'.encode("latin-1"), "application/json; charset=ISO-8859-1", {"a": "ü"}),
        ('{"a":"你"}'.encode("gbk"), 'application/json; charset="GBK"', {"a": "你"}),
        ('{"a":1}'.encode("utf-16"), "application/json; charset=utf-16", {"a": 1}),
        (rb'"\ud800"', "application/json", "\ud800"),
    ],
)
def test_json_in_other_clothes(body: bytes, content_type: str, expected: object) -> None:
    assert read("json", "$", answer(body, content_type)) == expected


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("ü".encode(), "text/plain", "ü"),
        ("ü".encode("latin-1"), "text/plain; charset=latin-1", "ü"),
        ("你好".encode("gbk"), "text/html;charset=GBK", "你好"),
        (b"\xff", "text/plain", "\ufffd"),
        ("ü".encode(), "text/plain; charset=no-such-thing", "ü"),
        ("ü".encode(), "text/plain; charset=base64", "ü"),
        ("ü".encode(), "text/plain; charset=\x00", "ü"),
        ("ü".encode(), "text/plain; charset=", "ü"),
    ],
)
def test_text_is_decoded_by_the_declared_charset_else_utf8(
    body: bytes, content_type: str, text: str
) -> None:
    assert decode(body, content_type) == text


def test_every_source_can_be_shown_in_a_form() -> None:
    assert all(source.label and source.description for source in SOURCES.values())
