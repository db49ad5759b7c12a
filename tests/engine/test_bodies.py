"""Every kind of body, byte for byte as it arrives."""

from __future__ import annotations

import re

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from cases.engine.bodies import BODY_KINDS
from cases.engine.outcome import Outcome
from cases.engine.spec import BodySpec, PartSpec, StepSpec
from tests.engine.asking import Asking
from tests.target import Target

VALUES = {"n": 5, "name": 'Al "X"', "png": "iVBORw0KGgo=", "list": [1, None]}

BODIES: list[tuple[BodySpec, str | None, bytes]] = [
    (BodySpec(), None, b""),
    (
        BodySpec(kind="json", text='{"a": "{{n}}",  "b": "hi {{name}}", "c": {{list}}}'),
        "application/json",
        b'{"a": 5,  "b": "hi Al \\"X\\"", "c": [1,null]}',
    ),
    (
        BodySpec(kind="form", fields=(("a b", "ü&="), ("a b", "{{n}}"), ("c", ""))),
        "application/x-www-form-urlencoded",
        b"a+b=%C3%BC%26%3D&a+b=5&c=",
    ),
    (BodySpec(kind="raw", text="<a>{{n}}</a>"), None, b"<a>5</a>"),
    (
        BodySpec(kind="raw", text="ü你", content_type="text/xml; charset=gb18030"),
        "text/xml; charset=gb18030",
        "ü你".encode("gb18030"),
    ),
    (
        BodySpec(kind="binary", text="AAEC\n /w=="),
        "application/octet-stream",
        b"\x00\x01\x02\xff",
    ),
    (
        BodySpec(kind="binary", text="{{png}}", content_type="image/{{$lower('PNG')}}"),
        "image/png",
        b"\x89PNG\r\n\x1a\n",
    ),
    (
        BodySpec(kind="graphql", text="query { user(id: {{n}}) {\n  name } }"),
        "application/json",
        b'{"query":"query { user(id: 5) {\\n  name } }"}',
    ),
    (
        BodySpec(
            kind="graphql", text="query($id: Int) { a }", variables='{"id": "{{n}}", "q": 1}'
        ),
        "application/json",
        b'{"query":"query($id: Int) { a }","variables":{"id": 5, "q": 1}}',
    ),
]


@pytest.mark.parametrize(("body", "content_type", "sent"), BODIES)
def test_a_body_arrives_byte_for_byte(
    target: Target, asking: Asking, body: BodySpec, content_type: str | None, sent: bytes
) -> None:
    result = asking.step("/echo", method="POST", body=body, variables=VALUES)
    assert result.outcome is Outcome.PASSED, result.message
    asked = target.requests[-1]
    assert asked.header("Content-Type") == content_type
    assert asked.header("Content-Length") == str(len(sent))
    assert asked.body == sent


def test_every_kind_of_body_is_in_a_table() -> None:
    elsewhere = {"multipart", "attachment"}  # the latter in test_attachments.py
    assert {body.kind for body, *_ in BODIES} | elsewhere == set(BODY_KINDS)


def multipart(target: Target, asking: Asking, *parts: PartSpec, **fields: str) -> str:
    """Send the parts; returns the boundary."""
    body = BodySpec(kind="multipart", parts=parts, **fields)
    result = asking.step("/echo", method="POST", body=body, variables=VALUES)
    assert result.outcome is Outcome.PASSED, result.message
    header = target.requests[-1].header("Content-Type") or ""
    return header.partition("; boundary=")[2]


def test_a_multipart_body_arrives_byte_for_byte(target: Target, asking: Asking) -> None:
    boundary = multipart(
        target,
        asking,
        PartSpec(name="a", value="{{n}}"),
        PartSpec(name="meta", value='{"ü": 1}', content_type="application/json"),
        PartSpec(name='f"\n', kind="base64", value="AP8N\nCg==", filename='ü"{{n}}.bin'),
        PartSpec(name="", value="ü", content_type="text/plain; charset=latin-1"),
    )
    assert re.fullmatch("testhub-[0-9a-f]{32}", boundary)
    lines = [
        "--B",
        'Content-Disposition: form-data; name="a"',
        "",
        "5",
        "--B",
        'Content-Disposition: form-data; name="meta"',
        "Content-Type: application/json",
        "",
        '{"ü": 1}',
        "--B",
        'Content-Disposition: form-data; name="f%22%0A"; filename="ü%225.bin"',
        "Content-Type: application/octet-stream",
        "",
        "FILE",
        "--B",
        'Content-Disposition: form-data; name=""',
        "Content-Type: text/plain; charset=latin-1",
        "",
        "LATIN",
        "--B--",
        "",
    ]
    expected = "\r\n".join(lines).replace("--B", f"--{boundary}").encode()
    expected = expected.replace(b"FILE", b"\x00\xff\r\n").replace(b"LATIN", b"\xfc")
    assert target.requests[-1].body == expected


def test_a_server_reads_the_parts_as_they_were_meant(target: Target, asking: Asking) -> None:
    multipart(
        target,
        asking,
        PartSpec(name="a", value="1"),
        PartSpec(name="a", value="zwölf"),
        PartSpec(name="photo", kind="base64", value="{{png}}", filename="ü.png"),
    )
    asked = target.requests[-1]
    received = Request(
        EnvironBuilder(
            method="POST", headers=MultiDict(asked.headers), data=asked.body
        ).get_environ()
    )
    assert received.form.getlist("a") == ["1", "zwölf"]
    photo: FileStorage = received.files["photo"]
    assert (photo.filename, photo.mimetype) == ("ü.png", "application/octet-stream")
    assert photo.read() == b"\x89PNG\r\n\x1a\n"


def test_a_multipart_body_may_be_of_another_type(target: Target, asking: Asking) -> None:
    part = PartSpec(name="a", value="1")
    boundary = multipart(target, asking, part, content_type="multipart/mixed")
    header = target.requests[-1].header("Content-Type")
    assert header == f"multipart/mixed; boundary={boundary}"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (BodySpec(kind="binary", text="{{name}}"), "The body of step 1 is not base64"),
        (
            BodySpec(
                kind="multipart", parts=(PartSpec(name="p", kind="base64", value="{{n}}"),)
            ),
            "Part 1 (p) of step 1 is not base64",
        ),
        (
            BodySpec(
                kind="multipart",
                parts=(PartSpec(name="p", content_type="{{line}}: b"),),
            ),
            "The content type of part 1 (p) of step 1 holds a line break.",
        ),
        (
            BodySpec(kind="raw", text="你", content_type="text/plain; charset=ascii"),
            "cannot be sent as ascii",
        ),
    ],
)
def test_what_cannot_be_sent_is_an_error_with_its_place(
    target: Target, asking: Asking, body: BodySpec, sentence: str
) -> None:
    variables = {**VALUES, "line": "a\r\nX"}
    result = asking.step("/echo", method="POST", body=body, variables=variables)
    assert result.outcome is Outcome.ERROR
    assert sentence in result.message
    assert target.requests == []


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"cookies": (("a", "1"), ("b", "{{name}}"))}, 'a=1; b=Al "X"'),
        ({"cookies": (("a", "1"),), "headers": (("cookie", "z=0"),)}, "z=0; a=1"),
    ],
)
def test_cookies_of_a_step_are_one_header(
    target: Target, asking: Asking, fields: dict[str, tuple[tuple[str, str], ...]], sent: str
) -> None:
    asking.step("/echo", variables=VALUES, **fields)
    headers = target.requests[-1].headers
    assert [value for name, value in headers if name.lower() == "cookie"] == [sent]


def test_a_cookie_of_a_step_wins_over_one_that_an_answer_set(
    target: Target, asking: Asking
) -> None:
    asking.case(
        StepSpec(url="/cookies/set?a=jar&b=jar"),
        StepSpec(url="/echo", cookies=(("a", "mine"),)),
    )
    assert target.requests[-1].header("Cookie") == "a=mine; b=jar"
