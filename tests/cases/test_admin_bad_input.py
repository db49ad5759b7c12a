"""A form says at the field what the engine would say when the case runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings

from cases.forms import CaseForm, DataSetForm, EnvironmentForm, StepForm, VariableForm
from cases.models import Environment, Variable
from tests.factories import make_environment, make_module

pytestmark = pytest.mark.django_db


def step(**fields: Any) -> StepForm:
    data = {
        "position": "0",
        "method": "GET",
        "url": "/",
        "body_kind": "none",
        "max_redirects": "10",
        "delay_ms": "0",
        "poll_for_ms": "0",
        "poll_every_ms": "1000",
        "resend_times": "0",
        "resend_pause_ms": "500",
        "follow_redirects": "on",
    }
    posted = {k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}
    return StepForm({**data, **posted})


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"url": "ftp://host/"}, "url", "ftp"),
        ({"url": "http://[::1"}, "url", "URL"),
        ({"method": "GE T"}, "method", "GE T"),
        ({"headers": [["X", "a\r\nEvil: 1"]]}, "headers", "line break"),
        ({"headers": [["X Y", "a"]]}, "headers", "X Y"),
        ({"body_kind": "json", "body_text": "{"}, "body_text", "JSON"),
        ({"resend_times": "11"}, "resend_times", "10"),
        ({"resend_times": "1"}, "resend_times", "needs a reason"),
        ({"poll_for_ms": "86400000"}, "poll_for_ms", "86400000 ms cannot be kept"),
        ({"delay_ms": "86400000"}, "delay_ms", "86400000 ms cannot be kept"),
        ({"path_params": [["id", "1"]]}, "path_params", "is not in the URL"),
        ({"cookies": [["a b", "1"]]}, "cookies", "a b"),
        (
            {"body_kind": "multipart", "body_parts": [["a", "base64", "x", "", ""]]},
            "body_parts",
            "is not base64",
        ),
        ({"body_kind": "graphql", "body_text": " "}, "body_text", "query is empty"),
        ({"body_kind": "form", "body_fields": [["{{", "x"]]}, "body_fields", "{{"),
        (
            {"assertions": [["json", "$[", "", False, "equals", "1", False]]},
            "assertions",
            "JSONPath",
        ),
        ({"assertions": [["body", "", "", False, "matches", "(", False]]}, "assertions", "("),
        (
            {"assertions": [["header", "", "", False, "exists", "", False]]},
            "assertions",
            "path",
        ),
        (
            {"assertions": [["fortune", "", "", False, "exists", "", False]]},
            "assertions",
            "fortune",
        ),
        (
            {"assertions": [["body", "", "nope", False, "exists", "", False]]},
            "assertions",
            "There is no filter nope",
        ),
        (
            {"assertions": [["xpath", "//a[", "", False, "exists", "", False]]},
            "assertions",
            "XPath",
        ),
        (
            {"assertions": [["body", "", "", False, "matches_schema", '{"type": 1}', False]]},
            "assertions",
            "The JSON Schema is not valid",
        ),
        (
            {"assertions": [["json", "", "", False, "matches_structure", "#fff", False]]},
            "assertions",
            "There is no placeholder #fff",
        ),
        ({"extractions": [["to ken", "json", "$.a", "", "", False]]}, "extractions", "to ken"),
        ({"extractions": [["token", "regex", "(", "", "", False]]}, "extractions", "("),
        ({"auth": '{"kind": "bearer", "values": [["token", "{{"]]}'}, "auth", "{{"),
        ({"auth": '{"kind": "kerberos"}'}, "auth", "Unknown auth kind 'kerberos'"),
        ({"auth": "[]"}, "auth", "This is not an auth"),
        ({"auth": '{"kind": 5}'}, "auth", "This is not an auth"),
        ({"timeout_ms": "86400000"}, "timeout_ms", "86400000 ms cannot be kept"),
        ({"timeout_ms": "0"}, "timeout_ms", "1"),
    ],
)
def test_a_bad_step_is_refused_at_its_field(
    fields: dict[str, Any], field: str, sentence: str
) -> None:
    form = step(**fields)
    assert list(form.errors) == [field]
    assert sentence in form.errors[field][0]


def test_a_good_step_is_accepted() -> None:
    form = step(
        url="/orders/{{id}}",
        headers=[["Accept", "*/*"], ["Accept", "text/plain"]],
        body_kind="json",
        body_text='{"id": {{id}}}',
        assertions=[["json", "$.id", "", False, "equals", "{{id}}", False]],
    )
    assert form.errors == {}


def test_the_deadline_of_a_case_that_cannot_be_kept_names_the_limit() -> None:
    limit_ms = settings.CASE_TIMEOUT_S * 1000
    form = case_form(timeout_ms=str(limit_ms + 1))
    assert f"CASE_TIMEOUT_S allows {limit_ms} ms" in form.errors["timeout_ms"][0]


def test_a_bad_variable_name_of_a_case_is_refused() -> None:
    assert "a b" in case_form(variables='[["a b", "1"]]').errors["variables"][0]


def test_names_of_cases_are_unique_in_their_module() -> None:
    module = make_module()
    case_form(module=module.pk, name="one").save()
    again = case_form(module=module.pk, name=" one ")
    assert "This module already has a case of that name." in str(again.errors)


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"base_url": "example.com"}, "base_url", "does not begin with http"),
        ({"base_url": "ftp://example.com"}, "base_url", "ftp"),
        ({"headers": '[["X", "a\\nb"]]'}, "headers", "line break"),
        ({"proxy": "localhost:8080"}, "proxy", "http://host:port"),
        ({"ca_certificate": "hello"}, "ca_certificate", "PEM"),
        (
            {"client_certificate": "hello", "client_key": "{{key}}"},
            "client_certificate",
            "PEM",
        ),
        ({"client_certificate": "{{certificate}}"}, "client_key", "needs its key"),
        (
            {"client_certificate": "{{c}}", "client_key": "-----BEGIN PRIVATE KEY-----"},
            "client_key",
            "as a secret variable",
        ),
        ({"client_key": "{{key}}"}, "client_certificate", "needs its certificate"),
    ],
)
def test_a_bad_environment_is_refused_at_its_field(
    fields: dict[str, Any], field: str, sentence: str
) -> None:
    data = {"name": "e", "base_url": "http://x", "connect_timeout_ms": "1000"}
    form = EnvironmentForm({**data, **fields})
    assert list(form.errors) == [field]
    assert sentence in form.errors[field][0]


def test_a_dataset_refuses_what_cannot_be_the_name_of_a_variable() -> None:
    rows = json.dumps({"columns": ["a b"], "rows": [["row", "1"]]})
    assert "a b" in DataSetForm({"name": "d", "rows": rows}).errors["rows"][0]


def test_a_secret_that_is_opened_needs_a_value() -> None:
    secret = Variable.objects.create(name="key", value="hidden", is_secret=True)
    form = VariableForm({"name": "key", "kind": "text", "value": ""}, instance=secret)
    assert "nobody can read" in form.errors["value"][0]


def test_an_empty_box_keeps_a_secret() -> None:
    secret = Variable.objects.create(name="key", value="hidden", is_secret=True)
    data = {"name": "key", "kind": "text", "value": "", "is_secret": "on"}
    VariableForm(data, instance=secret).save()
    assert Variable.objects.get().reveal() == "hidden"


def test_a_secret_is_never_shown_not_even_while_it_is_typed() -> None:
    secret = Variable.objects.create(name="key", value="hidden", is_secret=True)
    assert "hidden" not in VariableForm(instance=secret).as_p()
    typed = {"name": "a b", "kind": "text", "value": "typed", "is_secret": "on"}
    again = VariableForm(typed).as_p()
    assert "typed" not in again.replace("type it again", "")
    assert "not saved: type it again" in again


def case_form(**fields: Any) -> CaseForm:
    data = {
        "name": "case",
        "priority": "2",
        "is_active": "on",
        "retries": "0",
        "retry_pause_ms": "1000",
        **fields,
    }
    data.setdefault("module", make_module().pk)
    return CaseForm(data)


def test_an_environment_keeps_its_headers_in_order() -> None:
    stored = [["B", "2"], ["A", "1"], ["B", "3"]]
    environment = make_environment(headers=stored)
    form = EnvironmentForm(instance=environment)
    data = {name: form[name].value() for name in form.fields if form[name].value()}
    again = EnvironmentForm(data, instance=environment)
    assert again.is_valid(), again.errors
    again.save()
    assert Environment.objects.get().headers == stored
