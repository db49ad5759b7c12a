"""What a form refuses, and in which field."""

from __future__ import annotations

from typing import Any

import pytest

from cases.engine.spec import (
    AssertionSpec,
    AuthSpec,
    BodySpec,
    CaseSpec,
    ExtractionSpec,
    PartSpec,
    RowSpec,
    StepSpec,
)
from cases.engine.validate import problems
from tests.engine.asking import check, keep

GOOD: list[dict[str, Any]] = [
    {},
    {"url": ""},
    {"url": "/a?b=c"},
    {"url": "{{base}}/a"},
    {"url": "{{base | lower}}{{path}}"},
    {"url": "http://[::1]:8080/"},
    {"method": "PROPFIND"},
    {"method": "X-WEIRD_1"},
    {"headers": (("X-{{n}}", "{{v}}"), ("X", ""), ("X", "ü"))},
    {"body": BodySpec(kind="json", text='{"a": {{b}}, "c": "{{d}}"}')},
    {"body": BodySpec(kind="raw", text="{not json}")},
    {"body": BodySpec(kind="graphql", text="{ a }", variables='{"b": {{c}}}')},
    {"body": BodySpec(kind="binary", text="{{data}}")},
    {"url": "/{id}/:n", "path_params": (("id", "{{x}}"), ("n", ""))},
    {"url": "/{{path}}", "path_params": (("id", "1"),)},
    {"cookies": (("a", "1"), ("{{n}}", "b=c"))},
    {"assertions": (check("json", "$.a[?@.b == {{c}}]", expected="{{$uuid}}"),)},
    {"assertions": (check("body", "", "matches", expected="{{pattern}}("),)},
    {"extractions": (keep("用户", "json", "$"), keep("a.b-c", "regex", "(a)"))},
    {"timeout_ms": 1, "max_redirects": 0},
]

BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"url": "ftp://h/"}, "url", "only http and https"),
    ({"url": "http://"}, "url", "no valid host"),
    ({"url": "http://h:99999/"}, "url", "ports go from 1 to 65535"),
    ({"url": "/{{a b}}"}, "url", "In the URL: {{a b}} is not a placeholder"),
    ({"url": "/{{a"}, "url", "not complete"),
    ({"url": "/{{$nope()}}"}, "url", "Function $nope in the URL does not exist."),
    ({"url": "/{{a | nope}}"}, "url", "Function $nope in the URL does not exist."),
    (
        {"url": "/{{a | split}}"},
        "url",
        "Function $split in the URL: missing a required argument: 'separator'.",
    ),
    (
        {"headers": [["X-A", "{{$uuid(4)}}"]]},
        "headers",
        "Function $uuid in header X-A: too many positional arguments.",
    ),
    ({"method": ""}, "method", "Method '' is not an HTTP method."),
    ({"method": "GE T"}, "method", "Method 'GE T' is not an HTTP method."),
    ({"method": "CONNECT"}, "method", "CONNECT"),
    ({"method": "HEAD", "body": BodySpec(kind="raw", text="x")}, "method", "has no body"),
    ({"params": (("a", "{{"),)}, "params", "In parameter a"),
    ({"headers": (("X", "a\r\nY: b"),)}, "headers", "header X holds a line break"),
    ({"headers": (("X\n", "a"),)}, "headers", "Header name 'X\\n'"),
    ({"headers": (("", "a"),)}, "headers", "Header name ''"),
    ({"headers": (("a b", "a"),)}, "headers", "Header name 'a b'"),
    ({"headers": (("X", "a\x00"),)}, "headers", "the character '\\x00'"),
    ({"auth": AuthSpec.of("kerberos")}, "auth", "Unknown auth kind 'kerberos'"),
    (
        {
            "auth": AuthSpec.of("bearer", token="{{"),
        },
        "auth",
        "In the auth token",
    ),
    ({"body": BodySpec(kind="xml")}, "body", "Unknown body kind 'xml'"),
    ({"body": BodySpec(kind="json", text='{"a": }')}, "body", "line 1 column 7"),
    ({"body": BodySpec(kind="json", text="")}, "body", "The JSON body is not valid"),
    ({"body": BodySpec(kind="form", fields=(("a", "{{"),))}, "body", "form field a"),
    (
        {"body": BodySpec(kind="raw", content_type="a\nb")},
        "body",
        "header Content-Type holds a line break",
    ),
    ({"body": BodySpec(kind="binary", text="a")}, "body", "The body is not base64"),
    ({"body": BodySpec(kind="graphql", text=" ")}, "body", "The GraphQL query is empty"),
    (
        {"body": BodySpec(kind="graphql", text="{ a }", variables="{")},
        "body",
        "In the GraphQL variables: The JSON body is not valid at line 1",
    ),
    (
        {"body": BodySpec(kind="multipart", parts=(PartSpec(name="p", kind="file"),))},
        "body",
        "Unknown kind of part 1 (p) 'file'",
    ),
    (
        {"body": BodySpec(kind="multipart", parts=(PartSpec(name="p", filename="{{"),))},
        "body",
        "In the file name of part 1 (p)",
    ),
    ({"path_params": (("id", "1"),)}, "path_params", "Path variable id is not in the URL"),
    ({"cookies": (("a b", "1"),)}, "cookies", "Cookie name 'a b'"),
    ({"cookies": (("a", "1\n"),)}, "cookies", "line break"),
    ({"assertions": (check("json", "$["),)}, "assertions", "JSONPath '$[' is not valid"),
    ({"assertions": (check("json", "a.b"),)}, "assertions", "JSONPath 'a.b' is not valid"),
    ({"assertions": (check("json", "$[01]"),)}, "assertions", "JSONPath '$[01]'"),
    ({"assertions": (check("regex", "("),)}, "assertions", "Regular expression '('"),
    ({"assertions": (check("body", "", "matches", expected="("),)}, "assertions", "'('"),
    ({"assertions": (check("body", "", "matches", expected=5),)}, "assertions", "a text"),
    ({"assertions": (check("header", ""),)}, "assertions", "needs a path"),
    ({"assertions": (check("tea"),)}, "assertions", "Unknown source 'tea'"),
    ({"assertions": (check("status", "", "is"),)}, "assertions", "Unknown comparator 'is'"),
    ({"assertions": (check("status", expected=["{{"]),)}, "assertions", "In assertion 1"),
    ({"extractions": (keep("a b", "body"),)}, "extractions", "'a b' is not a name"),
    ({"extractions": (keep("", "body"),)}, "extractions", "'' is not a name"),
    ({"extractions": (keep("a", "json", "$."),)}, "extractions", "JSONPath '$.'"),
    ({"extractions": (keep("a", "cookie"),)}, "extractions", "needs a path"),
    ({"timeout_ms": 0}, "timeout_ms", "from 1 ms to 24 days, not 0"),
    ({"timeout_ms": True}, "timeout_ms", "from 1 ms"),
    ({"timeout_ms": 10**30}, "timeout_ms", "to 24 days, not 1000"),
    ({"name": {"": None}}, "name", "name must be a text"),
    ({"max_redirects": -1}, "max_redirects", "0 or more, not -1"),
    ({"url": None}, "url", "url must be a text, not null."),
    ({"follow_redirects": "yes"}, "follow_redirects", "must be true or false"),
]


@pytest.mark.parametrize("fields", GOOD)
def test_a_good_step_has_no_problems(fields: dict[str, Any]) -> None:
    assert problems(StepSpec(**fields)) == []


@pytest.mark.parametrize(("fields", "field", "words"), BAD)
def test_a_bad_step_is_refused_with_field_and_reason(
    fields: dict[str, Any], field: str, words: str
) -> None:
    found = problems(StepSpec(**fields))
    assert [problem.field for problem in found] == [field]
    assert words in found[0].message
    assert found[0].message.endswith(".")


def test_all_fields_are_reported_at_once() -> None:
    step = StepSpec(url="ftp://h", method="", timeout_ms=0)
    assert [problem.field for problem in problems(step)] == ["method", "url", "timeout_ms"]


def test_problems_of_a_case_name_the_step() -> None:
    case = CaseSpec(
        name="c",
        path="c",
        steps=(StepSpec(), StepSpec(url="ftp://h"), StepSpec(headers=(("a b", ""),))),
        variables=(("1a", 1), ("ok", "{{$nope}}")),
        rows=(RowSpec(name="r", values=(("bad name", 1),)),),
        timeout_ms=0,
    )
    assert [problem.field for problem in problems(case)] == [
        "timeout_ms",
        "variables",
        "variables",
        "variables",
        "steps.2.url",
        "steps.3.headers",
    ]


def test_a_case_without_steps_is_a_problem() -> None:
    case = CaseSpec(name="c", path="c", steps=())
    assert problems(case)[0].field == "steps"


def test_a_spec_survives_the_way_through_json() -> None:
    step = StepSpec(
        assertions=(AssertionSpec(source="status", expected=[1, {"a": None}]),),
        extractions=(ExtractionSpec(name="a", source="body"),),
        headers=(("a", "b"), ("a", "c")),
    )
    assert StepSpec.from_dict(step.to_dict()) == step
