"""The API describes itself as it is, for programs and on a page without foreign files."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from runs.api import answers
from runs.parameters import PARAMETERS
from testhub.api import api
from testhub.middleware import CONTENT_SECURITY_POLICY

SCHEMA: Any = api.get_openapi_schema()
OPERATIONS = [
    (path, method, operation)
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
]
every_operation = pytest.mark.parametrize(
    ("path", "method", "operation"),
    OPERATIONS,
    ids=[f"{method} {path}" for path, method, _operation in OPERATIONS],
)


@every_operation
def test_an_operation_says_what_it_does_who_may_and_how_it_refuses(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["security"] == [{"Token": []}]
    assert 200 in operation["responses"]
    for status, answer in operation["responses"].items():
        shape = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert (shape == "Refused") == (status >= 400)
    assert {400, 401, 403, 404, 503} <= set(operation["responses"])


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _path, _method, operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert "get_run_results" in names


def test_every_reference_leads_somewhere() -> None:
    found = set(re.findall(r"'#/components/schemas/(\w+)'", str(dict(SCHEMA))))
    assert found <= set(SCHEMA["components"]["schemas"])


def test_the_token_is_described() -> None:
    assert SCHEMA["components"]["securitySchemes"]["Token"] == {
        "type": "http",
        "scheme": "bearer",
    }


def test_run_case_is_part_of_it_with_every_parameter() -> None:
    for method in ("get", "post"):
        parameters = SCHEMA["paths"]["/run_case"][method]["parameters"]
        assert [p["name"] for p in parameters if p["in"] == "query"] == list(PARAMETERS)


@pytest.mark.parametrize(
    "shape",
    [
        answers.RunAnswer,
        answers.ResultAnswer,
        answers.ResultsAnswer,
        answers.FullResultAnswer,
        answers.Refused,
    ],
)
def test_an_example_is_as_its_schema_says(shape: Any) -> None:
    [example] = shape.model_config["json_schema_extra"]["examples"]
    assert set(example) == set(shape.model_fields)
    shape.model_validate(example)


def test_the_page_needs_no_login_and_no_other_host() -> None:
    page = Client().get("/api/v1/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert len(addresses) == 4
    for address in addresses:
        assert finders.find(address.removeprefix("/static/")), address


def test_the_page_has_a_policy_of_its_own_that_is_no_wider_for_scripts() -> None:
    policy = Client().get("/api/v1/docs")["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "img-src 'self' data:" in policy
    other = Client().get("/admin/login/")["Content-Security-Policy"]
    assert other == CONTENT_SECURITY_POLICY
    assert "data:" not in other
