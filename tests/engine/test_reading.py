"""Filters, defaults, secrets and warnings of a case that really runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cases.engine import record
from cases.engine.outcome import Outcome
from cases.engine.spec import AssertionSpec, BodySpec, ExtractionSpec, StepSpec
from cases.engine.transport import Session
from tests.engine.asking import Asking, check, keep
from tests.target import Target

PASSED, FAILED, ERROR = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR


def extraction(name: str, path: str, **fields: Any) -> ExtractionSpec:
    return ExtractionSpec(name=name, source="json", path=path, **fields)


@pytest.mark.parametrize(
    ("assertion", "outcome", "message"),
    [
        (check("json", "$.items", filters="map('id') | sum", expected=3), PASSED, ""),
        (
            check("json", "$.items", filters="count", expected=3),
            FAILED,
            "JSON $.items | count should equal 3, but was 2.",
        ),
        (
            check("json", "$.name", filters="number", expected=3),
            FAILED,
            "JSON $.name | number should equal 3, but filter number failed: "
            'the text "Müller" is not a number.',
        ),
        (check("json", "$.name", "exists", filters="number", negated=True), PASSED, ""),
        (
            check("json", "$.name", filters="regex(bad)", expected=3),
            ERROR,
            "JSON $.name | regex(bad): Regular expression '(a|' is not valid: "
            "missing ) at position 3.",
        ),
        (check("body", "", filters="from_json | jsonpath('$.id')", expected=5), PASSED, ""),
        (check("header", "Content-Length", filters="integer", expected=5.5), FAILED, None),
        (check("timing", "total", "less_than", expected=60_000), PASSED, ""),
        (check("timing", "sleep", "exists"), FAILED, None),
        (check("version", expected="1.1"), PASSED, ""),
        (check("headers", "content-type", filters="count", expected=1), PASSED, ""),
        (check("redirects", "", "is_empty"), PASSED, ""),
        (check("certificate", "days_left", "exists"), FAILED, None),
        (
            check("json", "$.address.street.name", expected=1),
            FAILED,
            "JSON $.address.street.name should equal 1, but nothing found at "
            '$.address.street.name; $.address has "city", "zip".',
        ),
        (
            check("json", "$.tags[2]", "exists"),
            FAILED,
            "JSON $.tags[2] should exist, but nothing found at $.tags[2]; "
            "$.tags has 2 elements.",
        ),
        (
            check("json", "$.address", expected={"city": "Bonn", "zip": 50667}),
            FAILED,
            'JSON $.address should equal {"city":"Bonn","zip":50667}, but it differs at '
            '$.city: "Köln" instead of "Bonn"; $.zip: "50667" instead of 50667.',
        ),
        (
            check("json", "$.tags", "matches_structure", expected="#[3] #text"),
            FAILED,
            'JSON $.tags should have the structure "#[3] #text", but it differs at '
            '$: ["a","b"] is not #[3] #text.',
        ),
        (
            check("json", "$.address", "matches_schema", expected="{{schema}}"),
            FAILED,
            'JSON $.address should conform to the JSON Schema {"required":["street"]}, but it '
            'differs at $: "street" is a required property.',
        ),
        (
            check("json", "$.id", "matches_schema", expected="{{name}}"),
            ERROR,
            "JSON $.id: There is no stored schema 'Ann'.",
        ),
        (
            check("json", "$.id", "matches_schema", expected="[{{name}}]"),
            ERROR,
            "JSON $.id: The JSON Schema is not JSON "
            "(unexpected character, expected a JSON value: line 1 column 2 (char 1)).",
        ),
    ],
)
def test_assertion(
    asking: Asking, assertion: AssertionSpec, outcome: Outcome, message: str | None
) -> None:
    variables = {"schema": {"required": ["street"]}, "name": "Ann", "bad": "(a|"}
    result = asking.step("/json", assertions=(assertion,), variables=variables).assertions[0]
    assert result.outcome is outcome, result.message
    if message is not None:
        assert result.message == message


@pytest.mark.parametrize(
    ("expected", "outcome"),
    [
        ({"id": "{{text}}", "zip": "x"}, FAILED),
        ({"id": 5, "zip": "{{text}}"}, FAILED),
        ({"id": 5, "zip": "{{list}}"}, FAILED),
        ({"id": 5, "zip": "#regex {{pattern}}"}, PASSED),
        ({"id": "{{five}}", "zip": "#present"}, PASSED),
        ("{{whole}}", PASSED),
    ],
)
def test_a_variable_in_a_structure_stands_for_itself(
    asking: Asking, expected: Any, outcome: Outcome
) -> None:
    variables = {
        "text": "#ignore",
        "list": ["#ignore"],
        "pattern": "^5",
        "five": 5,
        "whole": {"id": "#integer", "zip": "#text"},
    }
    asserted = check("variable", "document", "matches_structure", expected=expected)
    document = {"id": 5, "zip": "50667"}
    result = asking.step(
        "/json", assertions=(asserted,), variables={**variables, "document": document}
    )
    assert result.outcome is outcome, result.message


def test_what_differs_is_listed_place_by_place(asking: Asking) -> None:
    expected = {"#like": {"id": 5, "name": 1, "tags": [1, 2], "price": 1}, "#extra": True}
    asserted = check("json", "", "matches_structure", expected=expected)
    result = asking.step("/json", assertions=(asserted,)).assertions[0]
    assert result.message.endswith(
        'but it differs at $.name: "Müller" instead of 1; $.tags[0]: "a" instead of 1; '
        '$.tags[1]: "b" instead of 2 and 1 more.'
    )
    assert len(result.details) == 4
    assert result.details[-1] == "$.price: 9.5 instead of 1"


def test_a_warning_is_told_and_fails_nothing(asking: Asking) -> None:
    slow = check("duration", comparator="less_than", expected=0, warns=True)
    attempt = asking.case(
        StepSpec(url="/json", assertions=(slow, check("status", expected=200))),
        StepSpec(url="/json"),
    )
    assert attempt.outcome is PASSED
    assert attempt.message == attempt.steps[0].message
    first, second = attempt.steps
    assert first.assertions[0].outcome is FAILED
    assert first.message.startswith("Warning: Duration should be less than 0, but was ")
    assert second.exchanges


def test_a_warning_beside_a_failure_does_not_speak_first(asking: Asking) -> None:
    warning = check("status", expected=1, warns=True)
    result = asking.step("/json", assertions=(warning, check("status", expected=2)))
    assert result.outcome is FAILED
    assert result.message == "Status should equal 2, but was 200. (And 1 more.)"


def test_a_warning_that_cannot_be_judged_is_an_error(asking: Asking) -> None:
    wrong = check("status", "", "is_in", expected=5, warns=True)
    assert asking.step("/json", assertions=(wrong,)).outcome is ERROR


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({"path": "$.none", "optional": True}, None),
        ({"path": "$.none", "optional": True, "default": [1]}, [1]),
        ({"path": "$.none", "optional": True, "default": "{{five}}"}, 5),
        ({"path": "$.name", "filters": "number", "optional": True, "default": 0}, 0),
        ({"path": "$.name", "filters": "lower", "optional": True, "default": 0}, "müller"),
    ],
)
def test_an_extraction_may_have_a_default(
    asking: Asking, fields: dict[str, Any], value: Any
) -> None:
    known = check("variable", "found", expected=value)
    result = asking.step(
        "/json",
        extractions=(extraction("found", **fields),),
        assertions=(known,),
        variables={"five": 5},
    )
    assert result.outcome is PASSED, result.message


def test_a_secret_is_masked_before_and_after_it_was_extracted(asking: Asking) -> None:
    secret = "t0p-s3cret-token"
    attempt = asking.case(
        StepSpec(url="/echo", params=(("before", secret),)),
        StepSpec(
            url="/echo",
            params=(("q", f"x{secret}"),),
            extractions=(extraction("token", "$.target", filters="slice(9)", secret=True),),
            assertions=(check("json", "$.target", expected="?"),),
        ),
        StepSpec(url="/echo", headers=(("X-Token", "{{token}}"),)),
    )
    assert attempt.outcome is FAILED
    kept = record.dumps(attempt).decode()
    assert secret not in kept
    assert json.loads(kept)["steps"][1]["extractions"][0]["value"] == "***"
    assert asking.step("/json").outcome is PASSED


def test_a_secret_does_not_reach_the_next_case(asking: Asking) -> None:
    hidden = extraction("city", "$.address.city", secret=True)
    asking.case(StepSpec(url="/json", extractions=(hidden,)))
    shown = asking.step("/json", extractions=(keep("city", "json", "$.address.city"),))
    assert shown.extractions[0].value == "Köln"


def test_redirects_are_listed(asking: Asking) -> None:
    result = asking.step(
        "/redirect/2",
        assertions=(
            check("redirects", filters="count", expected=2),
            check("redirects", filters="first | location", comparator="ends_with",
                  expected="/redirect/1"),
            check("redirects", filters="map('status') | unique", expected=[302]),
        ),
    )  # fmt: skip
    assert result.outcome is PASSED, result.message


@pytest.fixture(scope="module")
def secure() -> Iterator[Target]:
    with Target(tls=True) as target:
        yield target


def test_the_certificate_of_the_target(secure: Target, session: Session) -> None:
    asking = Asking(secure.url, session)
    checks = (
        check("certificate", "days_left", "between", expected=[0, 100_000]),
        check("certificate", "expires_at", "after", expected="{{$now}}"),
        check("certificate", "starts_at", "before", expected="{{$now}}"),
        check("certificate", "names", "contains", expected="127.0.0.1"),
        check("certificate", "subject", "contains", expected="="),
        check("certificate", "", filters="keys | count", expected=7),
        check("certificate", "colour", "exists", negated=True),
    )
    ca = {"ca_certificate": secure.ca_certificate}
    # Twice: a connection that was kept would show none.
    for _ in range(2):
        result = asking.step("/echo", assertions=checks, environment=ca)
        assert result.outcome is PASSED, result.message


def test_a_step_that_asks_for_no_certificate_keeps_its_connection(
    secure: Target, session: Session
) -> None:
    asking = Asking(secure.url, session)
    ca = {"ca_certificate": secure.ca_certificate}
    asking.step("/echo", environment=ca)
    response = asking.step("/echo", environment=ca).exchanges[0].response
    assert response is not None
    assert response.timings.tls_ms is None
    assert response.certificate == ""


@pytest.mark.parametrize(
    ("content_type", "source", "path", "expected"),
    [
        ("text/html", "css", "p", "a"),
        ("text/html; charset=gbk", "css", "p", "a"),
        ("application/xml", "xpath", "//p", "a"),
        ("", "xpath", "//p", "a"),
    ],
)
def test_markup_is_read_by_its_type(
    asking: Asking, content_type: str, source: str, path: str, expected: str
) -> None:
    result = asking.step(
        "/mirror",
        method="POST",
        body=BodySpec(kind="raw", text="<p>a</p>", content_type=content_type),
        assertions=(check(source, path, expected=expected),),
    )
    assert result.outcome is PASSED, result.message
