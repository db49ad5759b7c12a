"""No secret is left in an attempt, in whatever form it travelled."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.engine import record
from cases.engine.eraser import BODY_LIMIT, MASK, VALUE_LIMIT, eraser, is_short
from cases.engine.messages import Exchange, Request, Response
from cases.engine.outcome import Attempt, Outcome, StepResult, VariableUse
from cases.engine.redact import SENSITIVE_HEADERS, mask_header, redact
from cases.engine.spec import BodySpec, StepSpec
from tests.engine.asking import Asking, check, keep

SECRET = 'p+s/s "w0rd"ü=?'
SECRETS = frozenset([SECRET])


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").replace("%2F", "%2f"),
        quote(SECRET, safe='/+"'),
        quote_plus(SECRET),
        "".join(f"%{byte:02x}" for byte in SECRET.encode()),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(SECRET)[1:-1].replace("/", "\\/"),
        json.dumps(SECRET)[1:-1].replace("\\u00fc", "\\u00FC"),
        html.escape(SECRET),
    ],
)
def test_every_written_form_is_found(form: str) -> None:
    assert eraser(SECRETS).text(f"before {form} after") == f"before {MASK} after"


@given(
    before=st.binary(max_size=8),
    secret=st.text(alphabet=st.characters(codec="utf-8"), min_size=4, max_size=40),
    after=st.binary(max_size=8),
    urlsafe=st.booleans(),
    padded=st.booleans(),
)
def test_base64_around_a_secret_is_found_at_every_alignment(
    before: bytes, secret: str, after: bytes, urlsafe: bool, padded: bool
) -> None:
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    encoded = encode(before + secret.encode() + after).decode()
    if not padded:
        encoded = encoded.rstrip("=")
    found = eraser(frozenset([secret])).text(encoded)
    assert MASK in found
    left = max(found.split(MASK), key=len)
    assert len(left) <= 4 * 4


@given(secret=st.text(min_size=4, max_size=30), around=st.text(max_size=30))
def test_a_secret_is_found_in_any_text(secret: str, around: str) -> None:
    found = eraser(frozenset([secret])).text(around + secret + around)
    assert secret not in found.replace(MASK, "") or secret in MASK * 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [("abc", MASK), ("xabcx", "xabcx"), ("", ""), ("1", "1")],
)
def test_a_short_secret_is_masked_only_as_a_whole_value(text: str, expected: str) -> None:
    assert eraser(frozenset(["abc", ""])).text(text) == expected


def test_a_secret_that_is_part_of_another_is_no_way_to_it() -> None:
    assert eraser(frozenset(["pass", "password1"])).text("password1 pass") == "*** ***"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Authorization", "Bearer abc.def", "Bearer ***"),
        ("authorization", "Basic dTpw", "Basic ***"),
        ("AUTHORIZATION", "raw-token", "***"),
        ("Authorization", "my secret words", "***"),
        ("Proxy-Authorization", "Basic x", "Basic ***"),
        ("Cookie", "a=1; b=2=3", "a=***; b=***"),
        ("Cookie", "nonsense", "***"),
        ("Set-Cookie", "sid=abc; Path=/; HttpOnly", "sid=***; Path=/; HttpOnly"),
        ("X-Other", "abc", "abc"),
    ],
)
def test_credentials_in_headers_are_masked_but_readable(
    name: str, value: str, expected: str
) -> None:
    assert mask_header(name, value) == expected


def test_a_cut_leaves_no_half_secret_in_a_body() -> None:
    secret = "abcdefghij0123456789"
    for offset in range(-40, 5):
        body = b"x" * (BODY_LIMIT + offset) + secret.encode() + b"y" * 100
        kept = eraser(frozenset([secret])).body(body)
        assert b"abcd" not in kept
        assert len(kept) <= BODY_LIMIT


def test_a_cut_leaves_no_half_secret_in_a_value_or_a_sentence() -> None:
    secret = "abcdefghij0123456789"
    rubber = eraser(frozenset([secret]))
    for offset in range(-40, 5):
        value = rubber.value("x" * (2_000 + offset) + secret + "y" * 100)
        assert "abcd" not in value
        assert len(value) <= 2_000
    assert rubber.sentence("was abcdefgh… and more abcdefgh") == "was ***… and more abcdefgh"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12345678, MASK),
        ({"a": ["x12345678y", 12345678, True, None]}, {"a": ["x***y", MASK, True, None]}),
        ({"12345678": 1}, {MASK: 1}),
        (1234, 1234),
    ],
)
def test_values_of_any_type_are_searched(value: Any, expected: Any) -> None:
    assert eraser(frozenset(["12345678"])).value(value) == expected


def test_nothing_of_a_secret_is_in_the_record(asking: Asking) -> None:
    secret = "hunter2 ümläut/+="
    steps = (
        StepSpec(
            method="POST",
            url="/echo/{{pw}}",
            params=(("q", "{{pw}}"), ("b", "{{pw | base64}}")),
            headers=(("X-Key", "{{pw}}"), ("X-B64", "{{$base64(pair)}}")),
            body=BodySpec(kind="json", text='{"password": "{{pw}}"}'),
            extractions=(keep("echoed", "json", "$.body"),),
            assertions=(
                check("json", "$.body", expected="{{pw}}", negated=True),
                check("json", "$.method", expected="{{pw}} "),
            ),
        ),
    )
    attempt = asking.case(
        *steps, variables={"pw": secret, "pair": "user:{{pw}}"}, secrets=(secret,)
    )
    assert attempt.outcome is Outcome.FAILED
    kept = record.dumps(attempt).decode()
    encoded = base64.b64encode(secret.encode()).decode()
    for form in (secret, quote(secret), json.dumps(secret)[1:-1], "hunter2", encoded[:-4]):
        assert form not in kept
    assert "X-Key" in kept


def test_a_secret_in_an_error_is_masked(asking: Asking) -> None:
    url = "http://{{host}}/"
    result = asking.step(url, variables={"host": "top.secret.invalid"}, secrets=("top.secret",))
    assert result.outcome is Outcome.ERROR
    assert "top.secret" not in result.message + result.exchanges[0].error
    assert MASK in result.message


def test_the_variable_itself_is_not_masked_while_running(asking: Asking) -> None:
    attempt = asking.case(
        StepSpec(url="/json", extractions=(keep("name", "json", "$.name"),)),
        StepSpec(url="/echo", assertions=(check("variable", "name", expected="Müller"),)),
        secrets=("Müller",),
    )
    assert attempt.outcome is Outcome.PASSED, attempt.message
    assert attempt.steps[0].extractions[0].value == MASK


@pytest.mark.parametrize("place", [10, BODY_LIMIT - 5, BODY_LIMIT + 5])
def test_a_secret_near_the_cut_of_a_body_is_found(asking: Asking, place: int) -> None:
    secret = "k9-secret-value"
    text = "x" * place + secret + "y" * 1_000
    body = BodySpec(kind="raw", text=text)
    steps = (StepSpec(method="POST", url="/status/200", body=body),)
    attempt = asking.case(*steps, secrets=(secret,))
    kept = attempt.steps[0].exchanges[0].request
    assert b"k9-s" not in kept.body
    assert kept.size == len(text)
    assert len(kept.body) <= BODY_LIMIT


def of_headers(*headers: tuple[str, str], body: bytes = b"") -> Attempt:
    exchange = Exchange(
        request=Request(method="GET", url="http://h/", headers=headers),
        response=Response(status=200, headers=headers, body=body),
    )
    step = StepResult(name="s", outcome=Outcome.PASSED, exchanges=(exchange,))
    return Attempt(outcome=Outcome.PASSED, steps=(step,))


@pytest.mark.parametrize("write", [str.lower, str.upper, str.title])
@pytest.mark.parametrize("name", sorted(SENSITIVE_HEADERS))
@pytest.mark.parametrize("secrets", [frozenset(), SECRETS])
def test_headers_that_are_always_secret_are_masked_in_any_writing(
    name: str, write: Callable[[str], str], secrets: frozenset[str]
) -> None:
    attempt = of_headers(("Accept", "a"), (write(name), "hidden=hidden"))
    for message in redact(attempt, secrets).steps[0].exchanges[0][:2]:
        assert message.headers[0] == ("Accept", "a")
        assert message.headers[1][0] == write(name)
        assert MASK in message.headers[1][1]
        assert not message.headers[1][1].endswith("hidden")


def test_what_has_nothing_to_hide_and_nothing_to_cut_stays_as_it_is() -> None:
    attempt = of_headers(("Accept", "a"), body=b"x" * BODY_LIMIT)
    attempt = attempt._replace(variables=(VariableUse("id", "case", 5),))
    for secrets in (frozenset[str](), SECRETS):
        assert redact(attempt, secrets) == attempt


def test_what_is_long_is_cut_without_a_secret_too() -> None:
    found = redact(of_headers(body=b"x" * (BODY_LIMIT + 1)), frozenset()).steps[0]
    response = found.exchanges[0].response
    assert response is not None
    assert (len(response.body), response.size) == (BODY_LIMIT, BODY_LIMIT + 1)


def test_a_variable_is_masked_or_cut_whatever_stands_beside_it() -> None:
    uses = (
        VariableUse("id", "case", 5),
        VariableUse("long", "case", "x" * 2 * VALUE_LIMIT),
        VariableUse("password", "case", SECRET),
        VariableUse("pin", "case", 123),
    )
    attempt = of_headers()._replace(variables=uses)
    long = "x" * (VALUE_LIMIT - 1) + "…"
    for secrets, values in (
        (frozenset[str](), [5, long, SECRET, 123]),
        (SECRETS, [5, long, MASK, 123]),
        (frozenset(["123"]), [5, long, SECRET, MASK]),
    ):
        assert [use.value for use in redact(attempt, secrets).variables] == values


@given(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "x" * VALUE_LIMIT, "x" * (VALUE_LIMIT + 1), ["x"], {"a": 1}])
)
def test_a_short_value_is_one_that_nothing_is_done_to(value: Any) -> None:
    if is_short(value):
        assert eraser(frozenset()).value(value) is value
    else:
        assert isinstance(value, (list, dict)) or len(value) > VALUE_LIMIT
