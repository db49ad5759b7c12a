from __future__ import annotations

import re
from pathlib import Path

import pytest

from cases.engine.spec import AuthSpec, BodySpec, PartSpec, PollSpec, ResendSpec, RowSpec
from cases.importers.project import AttachmentEntry, BadProject, CaseEntry, VariableEntry
from cases.importers.testhub import parse

SMALL = """
testhub: 1
environments: [{name: Local, base_url: http://127.0.0.1}]
datasets:
  - name: numbers
    rows: {one: {n: 1}, two: {n: "2"}}
plans: [{name: Nightly, environment: Local, modules: [Shop/Orders]}]
modules:
  - name: Shop
    default_environment: Local
    variables: {a: 1, key: {secret: true, value: s3cret}, open: {secret: false}}
    modules:
      - name: Orders
        cases:
          - name: 404
            tags: [smoke]
            priority: P0
            dataset: numbers
            timeout_ms: 900
            retries: 2
            retry_pause_ms: 50
            request: GET /orders
            assert: [status == 200]
"""


def case_with(keys: str) -> CaseEntry:
    """The one case of SMALL with other keys than its request's."""
    text = SMALL.replace("            request: GET /orders\n", keys)
    return dict(parse(text, "small.yaml").cases())["Shop/Orders/404"]


def test_a_project_is_read_as_plain_data() -> None:
    project = parse(SMALL, "small.yaml")
    shop = project.modules[0]
    assert shop.variables == (
        VariableEntry(name="a", value=1),
        VariableEntry(name="key", value="s3cret", is_secret=True),
        VariableEntry(name="open", value={"secret": False}),
    )
    assert project.datasets[0].rows == (
        RowSpec(name="one", values=(("n", 1),)),
        RowSpec(name="two", values=(("n", "2"),)),
    )
    ((path, case),) = project.cases()
    assert path == "Shop/Orders/404"
    assert (case.tags, case.priority, case.timeout_ms) == (("smoke",), 0, 900)
    assert (case.retries, case.retry_pause_ms) == (2, 50)
    assert project.plans[0].modules == ("Shop/Orders",)


def test_pairs_keep_their_order_and_may_repeat_a_name() -> None:
    case = case_with(
        "            request: GET /x\n"
        "            params: [[b, 1], [a, true], [b, null]]\n"
        "            headers: {X-B: 1, X-A: two}\n"
    )
    assert case.steps[0].params == (("b", "1"), ("a", "true"), ("b", ""))
    assert case.steps[0].headers == (("X-B", "1"), ("X-A", "two"))


@pytest.mark.parametrize(
    ("keys", "body"),
    [
        ("json: {a: [1, null, ü]}", '{\n  "a": [\n    1,\n    null,\n    "ü"\n  ]\n}'),
        ('json: "{{body}}"', '"{{body}}"'),
        ("json: null", "null"),
        ("body: {kind: json, text: '{{body}}'}", "{{body}}"),
        ("raw: x\n            content_type: a/b", "x"),
        ("form: [[a, 1], [a, 2]]", ""),
        ("multipart: {a: 1}", ""),
        ("binary: AAEC", "AAEC"),
        ("graphql: '{ a }'", "{ a }"),
        ("graphql: {query: '{ a }', variables: {b: 1}}", "{ a }"),
    ],
)
def test_bodies(keys: str, body: str) -> None:
    case = case_with(f"            request: POST /x\n            {keys}\n")
    assert case.steps[0].body.text == body
    assert case.steps[0].body.kind == keys.partition(":")[0].replace("body", "json")


def test_parts_of_a_multipart_body() -> None:
    case = case_with(
        "            request: POST /x\n"
        "            multipart:\n"
        "              - {name: a, text: 1}\n"
        "              - {name: b, base64: AAEC, filename: b.png, content_type: image/png}\n"
    )
    assert case.steps[0].body.parts == (
        PartSpec(name="a", value="1"),
        PartSpec(
            name="b", kind="base64", value="AAEC", filename="b.png", content_type="image/png"
        ),
    )


def test_waiting_of_a_step() -> None:
    case = case_with(
        "            request: GET /x\n"
        "            delay_ms: 5\n"
        "            resend: {times: 2, on: [busy, broken]}\n"
        "            poll: {for_ms: 900}\n"
    )
    (step,) = case.steps
    assert step.delay_ms == 5
    assert step.resend == ResendSpec(times=2, on=("busy", "broken"))
    assert step.poll == PollSpec(for_ms=900)


@pytest.mark.parametrize(
    ("written", "auth"),
    [
        ("{basic: [u, p]}", AuthSpec.of("basic", username="u", password="p")),
        ("{basic: [u, ' ']}", AuthSpec.of("basic", username="u", password=" ")),
        ('{bearer: "{{t}}"}', AuthSpec.of("bearer", token="{{t}}")),
        ("{bearer: {token: x}}", AuthSpec.of("bearer", token="x")),
        ("none", AuthSpec(kind="none")),
        ("{digest: {password: p}}", AuthSpec.of("digest", password="p")),
    ],
)
def test_auth(written: str, auth: AuthSpec) -> None:
    case = case_with(f"            request: GET /x\n            auth: {written}\n")
    assert case.steps[0].auth == auth
    assert case.steps[0].body == BodySpec()


def test_steps_have_names_and_deadlines_of_their_own() -> None:
    text = SMALL.replace(
        "            request: GET /orders\n            assert: [status == 200]\n",
        "            steps:\n"
        "              - {name: first, request: GET /a, timeout_ms: 5}\n"
        "              - {request: GET /b, follow_redirects: false}\n",
    )
    ((_, case),) = parse(text, "small.yaml").cases()
    first, second = case.steps
    assert (first.name, first.timeout_ms) == ("first", 5)
    assert (second.name, second.follow_redirects) == ("", False)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "testhub: 1",
            "testhub: 2",
            "small.yaml: this is format 2, this testhub reads 1.",
        ),
        (
            "base_url: http://127.0.0.1",
            "base_url: http://h, client_key: '-----BEGIN PRIVATE KEY-----'",
            "environment Local: client_key must be a secret variable: “{{name}}”.",
        ),
        ("testhub: 1", "name: x", "small.yaml: the key “testhub” is missing."),
        (
            "assert:",
            "asert:",
            "small.yaml: case Shop/Orders/404: there is no key “asert”; did you mean “assert”?",
        ),
        ("name: Orders", "name: Or/ders", "a module's name cannot hold “/”"),
        ("name: Orders", "name: ' '", "small.yaml: module Shop, a module: name is empty."),
        ("name: Orders", "nmae: Orders", "a module: the key “name” is missing."),
        ("timeout_ms: 900", "timeout_ms: 0", "at least 1, not 0."),
        ("timeout_ms: 900", "timeout_ms: true", "at least 1, not True."),
        ("retries: 2", "retries: -1", "retries must be a whole number, not -1."),
        ("retries: 2", "case_retries: 2", "no key “case_retries”; did you mean “retries”?"),
        ("priority: P0", "priority: high", "must be one of P0, P1, P2, P3, not “high”."),
        ("tags: [smoke]", "tags: smoke", "tags must be a list, not 'smoke'"),
        ("tags: [smoke]", "tags: [1]", "tags holds 1; it must hold texts only"),
        (
            "GET /orders",
            "POST /x\n            multipart: [{name: a, text: x, base64: x}]",
            "case Shop/Orders/404, part 1: exactly one of text, base64, attachment "
            "must stand here.",
        ),
        (
            "GET /orders",
            "GET /x\n            auth: {digest: {user: x}}",
            "404, auth digest: there is no key “user”; did you mean “username”?",
        ),
        (
            "GET /orders",
            "GET /x\n            auth: {kerberos: {}}",
            "auth: there is no auth “kerberos”; known are inherit, none, basic,",
        ),
        (
            "GET /orders",
            "GET /x\n            auth: {basic: [a], bearer: b}",
            "auth must be one scheme with its fields.",
        ),
        ("GET /orders", "/orders", "request must be a method and a URL"),
        ("GET /orders", "GET ftp://x/", "case Shop/Orders/404: steps.1.url: "),
        ("GET /orders", "G@T /orders", "case Shop/Orders/404: steps.1.method: "),
        ("status == 200", "status is 200", "case Shop/Orders/404: “status is 200” has"),
        ("status == 200", "'$.[x] exists'", "steps.1.assertions: "),
        ("dataset: numbers", "dataset: letters", "404: there is no dataset “letters”."),
        ("[Shop/Orders]", "[Shop/Ordres]", "plan Nightly: there is no module"),
        (
            "default_environment: Local",
            "default_environment: X",
            "module Shop: there is",
        ),
        ("environment: Local, modules", "environment: '', modules", "environment is empty."),
        ("two: {n:", "two: [n,", "line 6"),
        ("{one: {n: 1}", "{one: 1", "dataset numbers: row “one” must be a mapping"),
        ("tags: [smoke]", "tags: [' ']", "tags holds an empty name."),
        ("key: {secret", "k y: {secret", "module Shop: “k y” is not the name of a variable."),
        ("value: s3cret", "vlaue: x", "variable key: there is no key “vlaue”"),
        (
            "assert: [status == 200]",
            "assert: [status == 200]\n          - {name: 404, request: GET /}",
            "case Shop/Orders/404: this name stands here twice.",
        ),
        (
            "request: GET /orders",
            "request: GET /orders\n            steps: []",
            "there is no key “request”",
        ),
        (
            "request: GET /orders",
            "request: GET /orders\n            json: 1\n            raw: x",
            "only one of json, raw can stand here.",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(old: str, new: str, sentence: str) -> None:
    assert old in SMALL
    with pytest.raises(BadProject) as refused:
        parse(SMALL.replace(old, new), "small.yaml")
    assert sentence in str(refused.value)
    assert str(refused.value).startswith("small.yaml: ")


def test_a_project_moves_to_where_the_system_is() -> None:
    project = parse(SMALL, "small.yaml")
    moved = project.at("http://127.0.0.1", "http://127.0.0.1:99")
    assert moved.environments[0].spec.base_url == "http://127.0.0.1:99"
    assert project.at("http://other", "x") == project


def test_the_example_of_the_reference_page_is_a_project() -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "project-file.md"
    example = page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    project = parse(example, page.name)
    assert len(list(project.cases())) == 2
    assert [plan.name for plan in project.plans] == ["Nightly"]


ATTACHED = SMALL.replace(
    "plans:",
    "attachments:\n  - {name: a.txt, text: ü}\n"
    "  - {name: b/c.png, base64: iVBORw0KGgo=, content_type: image/png, description: x}\n"
    "plans:",
)


def test_attachments_are_read_with_their_bytes_and_named_by_steps() -> None:
    keys = (
        "POST /x\n            multipart: [{name: f, attachment: a.txt, filename: x}]",
        "POST /x\n            attachment: b/c.png\n            content_type: image/x",
        "POST /x\n            body: {kind: attachment, attachment: a.txt}",
    )
    bodies = []
    for written in keys:
        project = parse(ATTACHED.replace("GET /orders", written), "small.yaml")
        bodies.append(dict(project.cases())["Shop/Orders/404"].steps[0].body)
    assert project.attachments == (
        AttachmentEntry(name="a.txt", data="ü".encode()),
        AttachmentEntry(
            name="b/c.png", data=b"\x89PNG\r\n\x1a\n", content_type="image/png", description="x"
        ),
    )
    part = PartSpec(name="f", kind="attachment", value="a.txt", filename="x")
    assert bodies == [
        BodySpec(kind="multipart", parts=(part,)),
        BodySpec(kind="attachment", attachment="b/c.png", content_type="image/x"),
        BodySpec(kind="attachment", attachment="a.txt"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "GET /orders",
            "POST /x\n            attachment: c",
            "case Shop/Orders/404: there is no attachment “c”.",
        ),
        (
            "text: ü",
            "description: x",
            "attachment a.txt: exactly one of text, base64 must stand here.",
        ),
        ("text: ü", "base64: ü", "attachment a.txt: The content is not base64: "),
    ],
)
def test_what_is_wrong_with_attachments_is_named(old: str, new: str, said: str) -> None:
    with pytest.raises(BadProject, match=f"^small.yaml: {re.escape(said)}"):
        parse(ATTACHED.replace(old, new), "small.yaml")
