"""run_case(): what a case is, step by step, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from cases.engine.compiler import compile_case
from cases.engine.functions import FUNCTIONS
from cases.engine.jsonpaths import compile_jsonpath
from cases.engine.outcome import Outcome
from cases.engine.patterns import compile_regex
from cases.engine.runner import run_case
from cases.engine.spec import (
    AssertionSpec,
    AuthSpec,
    BodySpec,
    CaseSpec,
    EnvironmentSpec,
    RowSpec,
    StepSpec,
)
from cases.engine.transport import Session
from cases.engine.variables import Variables
from tests.engine.asking import Asking, check, keep
from tests.target import Target

PASSED, FAILED, ERROR, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED


def test_a_value_from_one_step_is_used_in_the_next(target: Target, asking: Asking) -> None:
    attempt = asking.case(
        StepSpec(
            url="/json",
            extractions=(keep("id", "json", "$.id"), keep("tags", "json", "$.tags")),
        ),
        StepSpec(
            method="POST",
            url="/echo/{{id}}",
            body=BodySpec(kind="json", text='{"id": "{{id}}", "tags": {{tags}}}'),
            assertions=(
                check("json", "$.body", expected='{"id": 5, "tags": ["a","b"]}'),
                check("variable", "id", expected=5),
            ),
        ),
    )
    assert attempt.outcome is PASSED, attempt.message
    assert target.requests[-1].path == "/echo/5"
    assert attempt.duration_ms > 0
    assert attempt.started_at > 1_700_000_000


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (StepSpec(url="/status/500", assertions=(check("status", expected=200),)), FAILED),
        (StepSpec(url="/close"), ERROR),
        (StepSpec(url="/{{none}}"), ERROR),
        (StepSpec(url="/json", extractions=(keep("a", "json", "$.none"),)), FAILED),
    ],
)
def test_after_a_step_that_does_not_pass_nothing_is_sent(
    target: Target, asking: Asking, second: StepSpec, outcome: Outcome
) -> None:
    attempt = asking.case(StepSpec(url="/echo"), second, StepSpec(name="last", url="/last"))
    assert attempt.outcome is outcome
    assert [step.outcome for step in attempt.steps] == [PASSED, outcome, SKIPPED]
    assert attempt.message == attempt.steps[1].message != ""
    assert attempt.steps[2].name == "last"
    assert "/last" not in [asked.path for asked in target.requests]


def test_an_extraction_that_finds_nothing_says_so(asking: Asking) -> None:
    result = asking.step("/json", extractions=(keep("token", "json", "$.token"),))
    assert result.outcome is FAILED
    assert result.message.startswith(
        'Variable token was not extracted: nothing found at $.token; $ has "id", "name", '
    )


def test_an_extraction_that_cannot_be_asked_is_an_error(asking: Asking) -> None:
    result = asking.step("/json", extractions=(keep("token", "json", "$.{{none}}"),))
    assert result.outcome is ERROR
    assert "Variable {{none}} in extraction 1 (token) of step 1 has no value." in result.message


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"url": "/{{x}}"}, "Variable {{x}} in the URL of step 1 has no value."),
        (
            {"headers": (("Authorization", "Bearer {{x}}"),)},
            "Variable {{x}} in header Authorization of step 1 has no value.",
        ),
        (
            {"params": (("q", "{{x}}"),)},
            "Variable {{x}} in parameter q of step 1 has no value.",
        ),
        (
            {"body": BodySpec(kind="json", text='{"a": {{x}}}'), "method": "POST"},
            "Variable {{x}} in the body of step 1 has no value.",
        ),
        (
            {"body": BodySpec(kind="raw", text="{{x}}"), "method": "POST"},
            "Variable {{x}} in the body of step 1 has no value.",
        ),
        (
            {"body": BodySpec(kind="form", fields=(("f", "{{x}}"),)), "method": "POST"},
            "Variable {{x}} in form field f of step 1 has no value.",
        ),
        (
            {"auth": AuthSpec.of("bearer", token="{{x}}")},
            "Variable {{x}} in the auth token of step 1 has no value.",
        ),
        (
            {"headers": (("X-A", "{{newline}}"),)},
            "The value of header X-A of step 1 holds a line break.",
        ),
        (
            {"url": "http://{{bad_host}}/"},
            "URL 'http://a b/' has no valid host or port.",
        ),
    ],
)
def test_nothing_is_sent_with_a_hole_in_it(
    target: Target, asking: Asking, fields: dict[str, Any], message: str
) -> None:
    variables = {"newline": "a\r\nX-Injected: 1", "bad_host": "a b"}
    result = asking.step(**{"url": "/echo", **fields}, variables=variables)
    assert result.outcome is ERROR
    assert result.message == message
    assert not target.requests


def test_a_case_with_a_problem_sends_nothing_at_all(target: Target, asking: Asking) -> None:
    bad = StepSpec(url="/echo", assertions=(check("json", "$[", expected=1),))
    attempt = asking.case(StepSpec(url="/echo"), bad)
    assert attempt.outcome is ERROR
    assert "JSONPath '$[' is not valid" in attempt.message
    assert [step.outcome for step in attempt.steps] == [SKIPPED, ERROR]
    assert not target.requests


@pytest.mark.parametrize(
    ("stops_after", "sent", "outcomes"),
    [
        (0, 0, [SKIPPED, SKIPPED]),
        (1, 1, [SKIPPED, SKIPPED]),
        (2, 2, [PASSED, SKIPPED]),
        (3, 3, [PASSED, PASSED]),
    ],
)
def test_a_cancelled_case_sends_nothing_more(
    target: Target, asking: Asking, stops_after: int, sent: int, outcomes: list[Outcome]
) -> None:
    asked = iter(range(100))
    attempt = asking.case(
        StepSpec(url="/redirect/1"),
        StepSpec(url="/echo"),
        stopped=lambda: next(asked) >= stops_after,
    )
    assert [step.outcome for step in attempt.steps] == outcomes
    assert len(target.requests) == sent
    if SKIPPED in outcomes:
        assert (attempt.outcome, attempt.message) == (SKIPPED, "Cancelled.")
        assert attempt.steps[-1].message == "Cancelled."


def test_a_cancel_while_a_function_is_at_work_still_stops_its_request(
    target: Target, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled: list[bool] = []

    def slow() -> str:
        cancelled.append(True)
        return "late"

    monkeypatch.setitem(FUNCTIONS, "slow", slow)
    step = StepSpec(url=f"{target.url}/echo", params=(("x", "{{$slow()}}"),))
    attempt = run_case(
        CaseSpec(name="slow", path="slow", steps=(step,)),
        Variables(()),
        session,
        environment=EnvironmentSpec(),
        stopped=lambda: bool(cancelled),
    )
    assert (attempt.outcome, attempt.message) == (SKIPPED, "Cancelled.")
    assert cancelled
    assert not target.requests


def test_what_had_failed_before_the_cancel_stays_failed(asking: Asking) -> None:
    failing = StepSpec(url="/echo", assertions=(check("status", expected=1),))
    asked = iter([False, True, True])
    attempt = asking.case(failing, StepSpec(url="/echo"), stopped=lambda: next(asked))
    assert attempt.outcome is FAILED


def test_a_row_is_the_narrowest_written_scope(target: Target, asking: Asking) -> None:
    row = RowSpec(name="first", values=(("id", 7), ("path", "/echo/{{id}}")))
    asking.step("{{path}}", variables={"id": 1, "path": "/never"}, row=row)
    assert target.requests[-1].path == "/echo/7"


def test_environment_headers_give_way_to_those_of_a_step(
    target: Target, asking: Asking
) -> None:
    environment = {"headers": (("X-A", "env"), ("X-B", "{{b}}"))}
    headers = (("x-a", "step"),)
    asking.step("/echo", environment=environment, headers=headers, variables={"b": "env"})
    assert target.requests[-1].header("X-A") == "step"
    assert target.requests[-1].header("X-B") == "env"


def test_auth_and_body_of_a_step_win_over_headers_of_the_environment(
    target: Target, asking: Asking
) -> None:
    written = (("authorization", "Bearer env"), ("content-type", "text/env"))
    asking.step(
        "/echo",
        method="POST",
        environment={"headers": written},
        auth=AuthSpec.of("bearer", token="step"),
        body=BodySpec(kind="json", text="{}"),
    )
    assert target.requests[-1].header("Authorization") == "Bearer step"
    assert target.requests[-1].header("Content-Type") == "application/json"
    url = f"http://me:pw@{target.address}/echo"
    asking.step(url, environment={"headers": written})
    assert target.requests[-1].header("Authorization") == "Bearer env"


@pytest.mark.parametrize(
    ("auth", "page"),
    [
        (AuthSpec.of("basic", username="{{user}}", password="pä:s"), "/basic/me/p%C3%A4:s"),
        (AuthSpec.of("bearer", token="{{user}}"), "/bearer/me"),
    ],
)
def test_auth(asking: Asking, auth: AuthSpec, page: str) -> None:
    checks = (check("status", expected=200),)
    result = asking.step(page, auth=auth, assertions=checks, variables={"user": "me"})
    assert result.outcome is PASSED, result.message


def test_a_written_authorization_header_wins(target: Target, asking: Asking) -> None:
    auth = AuthSpec.of("bearer", token="x")
    asking.step("/echo", auth=auth, headers=(("authorization", "Mine"),))
    values = [v for n, v in target.requests[-1].headers if n.lower() == "authorization"]
    assert values == ["Mine"]


@pytest.mark.parametrize(
    ("body", "content_type", "sent"),
    [
        (BodySpec(kind="json", text='{"a":1}'), "application/json", b'{"a":1}'),
        (
            BodySpec(kind="form", fields=(("a b", "ü&"), ("a b", "2"))),
            "application/x-www-form-urlencoded",
            b"a+b=%C3%BC%26&a+b=2",
        ),
        (BodySpec(kind="raw", text="ü"), None, b"\xc3\xbc"),
        (
            BodySpec(kind="raw", text="你", content_type="text/plain; charset=gbk"),
            "text/plain; charset=gbk",
            b"\xc4\xe3",
        ),
        (BodySpec(kind="none", text="ignored"), None, b""),
    ],
)
def test_bodies(
    target: Target, asking: Asking, body: BodySpec, content_type: str | None, sent: bytes
) -> None:
    asking.step("/echo", method="POST", body=body)
    assert target.requests[-1].header("Content-Type") == content_type
    assert target.requests[-1].body == sent


def test_a_written_content_type_wins(target: Target, asking: Asking) -> None:
    body = BodySpec(kind="json", text="{}")
    headers = (("content-type", "application/vnd.api+json"),)
    asking.step("/echo", method="POST", body=body, headers=headers)
    values = [v for n, v in target.requests[-1].headers if n.lower() == "content-type"]
    assert values == ["application/vnd.api+json"]


def test_a_text_that_its_charset_cannot_hold_is_an_error(asking: Asking) -> None:
    body = BodySpec(kind="raw", text="你", content_type="text/plain; charset=ascii")
    result = asking.step("/echo", method="POST", body=body)
    assert result.outcome is ERROR
    assert "the body of step 1 cannot be sent as ascii" in result.message


def test_rows_of_a_case_share_what_was_compiled(asking: Asking) -> None:
    path, pattern = "$.items[?@.id == 987]", "compiled-987"
    checks = (
        check("json", path, "exists", negated=True),
        AssertionSpec(source="body", comparator="matches", expected=pattern, negated=True),
    )
    spec = CaseSpec(name="c", path="c", steps=(StepSpec(url="/json", assertions=checks),))
    again = CaseSpec.from_dict(spec.to_dict())
    variables, environment = Variables([]), asking.environment

    def run(one: CaseSpec) -> None:
        attempt = run_case(one, variables, asking.session, environment=environment)
        assert attempt.outcome is PASSED, attempt.message

    run(spec)
    misses = compile_jsonpath.cache_info().misses, compile_regex.cache_info().misses
    compiled = compile_case(spec)
    run(spec)
    run(again)
    assert compile_case(spec) is compiled
    assert misses == (compile_jsonpath.cache_info().misses, compile_regex.cache_info().misses)


GARBAGE: list[dict[str, Any]] = [
    {"steps": []},
    {"timeout_ms": 0},
    {"timeout_ms": "soon"},
    {"steps": [{"url": None}]},
    {"steps": [{"url": 5, "method": None}]},
    {"steps": [{"url": "/", "method": "GET / HTTP/1.1\r\n"}]},
    {"steps": [{"url": "/", "body": {"kind": ["json"]}}]},
    {"steps": [{"url": "/", "body": {"kind": "json", "text": None}}]},
    {"steps": [{"url": "/", "auth": {"kind": "magic"}}]},
    {"steps": [{"url": "/", "auth": {"kind": "basic", "values": [["user", "x"]]}}]},
    {"steps": [{"url": "/", "assertions": [{"source": "tea leaves"}]}]},
    {"steps": [{"url": "/", "assertions": [{"source": None}]}]},
    {"steps": [{"url": "/", "assertions": [{"source": "status", "comparator": 5}]}]},
    {"steps": [{"url": "/", "extractions": [{"name": "{{a}}", "source": "status"}]}]},
    {"steps": [{"url": "/", "extractions": [{"name": 5, "source": []}]}]},
    {"steps": [{"url": "/", "timeout_ms": -1}]},
    {"steps": [{"url": "/", "timeout_ms": "5"}]},
    {"steps": [{"url": "/", "max_redirects": None}]},
    {"steps": [{"url": "/", "headers": [["A\r\nB", "c"]]}]},
    {"variables": [["a b", 1]]},
    {"variables": [["a", "{{"]]},
    {"variables": [["a", {"b": ["{{$nope}}"]}]]},
]


@pytest.mark.parametrize("fields", GARBAGE)
def test_no_stored_spec_makes_it_raise(
    target: Target, session: Session, fields: dict[str, Any]
) -> None:
    whole = {"name": "c", "path": "c", "steps": [{"url": "/echo"}], **fields}
    attempt = run_case(
        CaseSpec.from_dict(whole),
        Variables([]),
        session,
        environment=EnvironmentSpec(base_url=target.url),
    )
    assert attempt.outcome is ERROR
    assert attempt.message.endswith(".")
    assert not target.requests
