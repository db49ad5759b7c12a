"""The record of an attempt is JSON that any UTF-8 column stores."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from cases.engine import record
from cases.engine.messages import Exchange, Request, Response
from cases.engine.outcome import AssertionResult, Attempt, Outcome, StepResult
from cases.engine.redact import redact
from cases.engine.spec import BodySpec, StepSpec
from tests.engine.asking import Asking, check, keep


def kept(attempt: Attempt) -> Any:
    return record.loads(record.dumps(attempt))


def of_body(body: bytes, content_type: str = "") -> Any:
    headers = (("Content-Type", content_type),)
    exchange = Exchange(
        request=Request(method="GET", url="http://h/"),
        response=Response(status=200, headers=headers, body=body),
    )
    step = StepResult(name="s", outcome=Outcome.PASSED, exchanges=(exchange,))
    attempt = redact(Attempt(outcome=Outcome.PASSED, steps=(step,)), frozenset())
    return kept(attempt)["steps"][0]["exchanges"][0]["response"]["body"]


def test_it_says_which_variables_were_needed_and_where_they_came_from(asking: Asking) -> None:
    attempt = asking.case(
        StepSpec(
            url="/json?u={{user}}&p={{password}}&n={{nest}}",
            extractions=(keep("heart", "json", "$.id"), keep("unused", "status")),
        ),
        StepSpec(url="/echo?h={{heart}}&s={{size}}"),
        variables={
            "user": "ann",
            "password": "s3cret!",
            "nest": "{{twig}}!",
            "twig": [1, "s3cret!"],
            "idle": "x",
            "size": 5,
        },
        secrets=("s3cret!",),
    )
    assert [tuple(use.values()) for use in kept(attempt)["variables"]] == [
        ("user", "case", "ann"),
        ("password", "case", "***"),
        ("twig", "case", [1, "***"]),
        ("nest", "case", '[1,"***"]!'),
        ("heart", "extracted", 5),
        ("size", "case", 5),
    ]


def test_what_an_operators_function_returns_is_kept_as_text() -> None:
    assert of_value([{1}, b"x", {"a": {2}}]) == ["{1}", "b'x'", {"a": "{2}"}]


def of_value(actual: Any) -> Any:
    result = AssertionResult(
        source="json",
        path="$",
        comparator="equals",
        negated=False,
        expected=None,
        actual=actual,
        outcome=Outcome.FAILED,
    )
    step = StepResult(name="s", outcome=Outcome.FAILED, assertions=(result,))
    attempt = redact(Attempt(outcome=Outcome.FAILED, steps=(step,)), frozenset())
    return kept(attempt)["steps"][0]["assertions"][0]["actual"]


def test_the_shape_that_pages_and_reports_read(asking: Asking) -> None:
    attempt = asking.case(
        StepSpec(
            name="create",
            method="POST",
            url="/echo",
            body=BodySpec(kind="json", text="{}"),
            assertions=(check("status", expected=200),),
            extractions=(keep("method", "json", "$.method"),),
        ),
        StepSpec(name="gone", url="/close"),
    )
    found = kept(attempt)
    assert list(found) == [
        "outcome",
        "message",
        "started_at",
        "duration_ms",
        "steps",
        "variables",
    ]
    first, second = found["steps"]
    assert list(first) == [
        "name",
        "outcome",
        "message",
        "duration_ms",
        "n_polls",
        "exchanges",
        "assertions",
        "extractions",
    ]
    exchange = first["exchanges"][0]
    assert list(exchange) == ["request", "response", "error", "purpose"]
    assert list(exchange["request"]) == ["method", "url", "headers", "body"]
    assert exchange["request"]["body"] == {"text": "{}", "size": 2, "cut": False}
    assert list(exchange["response"]) == [
        "status",
        "reason",
        "version",
        "url",
        "headers",
        "body",
        "timings",
        "address",
    ]
    assert list(exchange["response"]["timings"]) == [
        "dns_ms",
        "connect_ms",
        "tls_ms",
        "first_byte_ms",
        "total_ms",
    ]
    assert first["assertions"] == [
        {
            "source": "status",
            "path": "",
            "filters": "",
            "comparator": "equals",
            "negated": False,
            "expected": 200,
            "actual": 200,
            "outcome": "passed",
            "message": "",
            "warns": False,
            "details": [],
        }
    ]
    assert first["extractions"] == [
        {
            "name": "method",
            "source": "json",
            "path": "$.method",
            "filters": "",
            "value": "POST",
            "message": "",
        }
    ]
    assert second["exchanges"][0]["response"] is None
    assert second["exchanges"][0]["error"] == second["message"] == found["message"]


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b"", "", ""),
        ("ü".encode(), "", "ü"),
        ("ü".encode("latin-1"), "text/plain; charset=latin-1", "ü"),
        ("你".encode("gbk"), "text/plain; charset=gbk", "你"),
        ("ü".encode(), "text/plain; charset=unheard-of", "ü"),
    ],
)
def test_a_body_of_text_is_kept_as_text(body: bytes, content_type: str, text: str) -> None:
    assert of_body(body, content_type) == {"text": text, "size": len(body), "cut": False}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\xff\xfe\x00", ""),
        (b"a\x00b", ""),
        (b"\x89PNG", "image/png"),
        ("ü".encode("latin-1"), "text/plain; charset=utf-8"),
        (b"\xed\xa0\x80", "text/plain"),
    ],
)
def test_a_body_that_is_no_text_is_kept_in_base64(body: bytes, content_type: str) -> None:
    shape = of_body(body, content_type)
    assert shape == {
        "base64": base64.b64encode(body).decode(),
        "size": len(body),
        "cut": False,
    }


def test_a_long_body_is_cut_between_characters_and_keeps_its_real_size() -> None:
    body = b"x" + "ü".encode() * 200_000
    shape = of_body(body)
    assert shape["cut"] is True
    assert shape["size"] == 400_001
    assert shape["text"] == "x" + "ü" * ((record.BODY_LIMIT - 1) // 2)


@pytest.mark.parametrize(
    ("actual", "found"),
    [
        (5, 5),
        (1.5, 1.5),
        (None, None),
        ("a\x00b\ud800", "a\ufffdb\ufffd"),
        ({"a\x00": ["\udfff"]}, {"a\ufffd": ["\ufffd"]}),
        (2**70, str(2**70)),
        ([2**70], [str(2**70)]),
        ("😀", "😀"),
        ("x" * 2_000, "x" * 2_000),
        ("x" * 2_001, "x" * 1_999 + "…"),
        (["x" * 3_000], '["' + "x" * 1_997 + "…"),
    ],
)
def test_values_are_storable(actual: Any, found: Any) -> None:
    assert of_value(actual) == found


def test_a_value_nested_deeply_becomes_text() -> None:
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    assert of_value(deep) == "[" * 300 + "1" + "]" * 300
    for _ in range(20_000):
        deep = [deep]
    assert isinstance(of_value(deep), str)


def test_infinite_numbers_do_not_break_the_record() -> None:
    assert of_value(float("inf")) in (None, "Infinity", "inf")


def test_every_field_of_an_assertion_is_kept_under_its_name() -> None:
    result = AssertionResult(
        source="json",
        path="$.a",
        filters="trim",
        comparator="equals",
        negated=True,
        expected="wanted",
        actual="found",
        outcome=Outcome.FAILED,
        message="no",
        warns=True,
        details=("one", "two"),
    )
    step = StepResult(name="s", outcome=Outcome.FAILED, assertions=(result,))
    found = kept(Attempt(outcome=Outcome.FAILED, steps=(step,)))["steps"][0]["assertions"][0]
    assert found == {**result._asdict(), "outcome": "failed", "details": ["one", "two"]}


@pytest.mark.parametrize("name", ["Content-Type", "content-type", "CONTENT-TYPE"])
def test_a_body_is_read_by_its_type_however_that_is_written(name: str) -> None:
    headers = (("Accept", "a"), (name, "text/plain; charset=latin-1"), ("Content-Type", "x/y"))
    exchange = Exchange(
        request=Request(method="PUT", url="http://h/", headers=headers, body=b"\xfc")
    )
    step = StepResult(name="s", outcome=Outcome.ERROR, exchanges=(exchange,))
    found = kept(Attempt(outcome=Outcome.ERROR, steps=(step,)))["steps"][0]["exchanges"][0]
    assert found["request"]["body"] == {"text": "ü", "size": 1, "cut": False}
