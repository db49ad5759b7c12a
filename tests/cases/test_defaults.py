"""Defaults of modules: kept in rows, compiled into the cases below, read from a file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.engine.spec import AuthSpec, CaseSpec
from cases.forms import ModuleForm
from cases.importers.project import BadProject
from cases.importers.testhub import parse
from cases.models import Case, Module
from runs.projects import save_project
from tests.factories import make_case, make_module

pytestmark = pytest.mark.django_db

FILE = """
testhub: 1
modules:
  - name: Outer
    headers: {X-Outer: "1"}
    auth: {bearer: "{{token}}"}
    assert: [status < 500]
    modules:
      - name: Inner
        headers: {X-Inner: "2"}
        inherit_assertions: false
        auth: none
        cases:
          - name: case
            request: GET /
            inherit_headers: false
"""


def current(case: Case) -> CaseSpec:
    case.refresh_from_db()
    assert case.current_version is not None
    return CaseSpec.from_dict(case.current_version.spec)


def posted(**fields: Any) -> dict[str, Any]:
    return {
        "name": "shop",
        "headers": "[]",
        "inherit_headers": "on",
        "auth": "{}",
        "assertions": "[]",
        "inherit_assertions": "on",
        "variables-TOTAL_FORMS": 0,
        "variables-INITIAL_FORMS": 0,
        **fields,
    }


def test_saving_a_module_compiles_the_cases_below_it(admin: Client) -> None:
    top = make_module("shop")
    case = make_case(make_module(parent=top))
    data = posted(
        headers=json.dumps([["X-A", "1"]]),
        auth=json.dumps({"kind": "bearer", "values": [["token", "t"]]}),
        assertions=json.dumps([["status", "", "", False, "less_than", "500", False]]),
    )
    answer = admin.post(reverse("admin:cases_module_change", args=[top.pk]), data)
    assert answer.status_code == 302, answer.context["errors"]
    defaults = current(case).defaults
    assert defaults.headers == (("X-A", "1"),)
    assert defaults.auth == AuthSpec.of("bearer", token="t")
    assert [item.comparator for item in defaults.assertions] == ["less_than"]


def test_moving_a_module_changes_what_it_inherits(admin: Client) -> None:
    top = make_module("top", headers=[["X-A", "1"]])
    moved = make_module("shop")
    case = make_case(moved)
    assert current(case).defaults.headers == ()
    admin.post(reverse("admin:cases_module_change", args=[moved.pk]), posted(parent=top.pk))
    assert current(case).defaults.headers == (("X-A", "1"),)


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"headers": '[["a b", "1"]]'}, "headers", "Header name 'a b'"),
        ({"auth": '{"kind": "hmac"}'}, "auth", "The auth secret is empty."),
        (
            {"assertions": '[["json", "$[", "", false, "exists", "", false]]'},
            "assertions",
            "JSONPath '$['",
        ),
    ],
)
def test_what_the_engine_would_refuse_is_refused_at_its_field(
    fields: dict[str, str], field: str, sentence: str
) -> None:
    form = ModuleForm(posted(**fields))
    assert list(form.errors) == [field]
    assert sentence in form.errors[field][0]


def test_a_project_file_has_defaults_and_loading_it_twice_changes_nothing() -> None:
    project = parse(FILE, "file.yaml")
    save_project(project)
    spec = current(Case.objects.get())
    assert spec.defaults.headers == (("X-Outer", "1"), ("X-Inner", "2"))
    assert spec.defaults.auth == AuthSpec(kind="none")
    assert spec.defaults.assertions == ()
    assert spec.steps[0].inherit_headers is False
    assert Module.objects.get(name="Outer").auth == {
        "kind": "bearer",
        "values": [["token", "{{token}}"]],
    }
    assert str(save_project(project)) == "unchanged: 3"


def test_wrong_defaults_in_a_file_are_refused_with_their_place() -> None:
    with pytest.raises(BadProject) as error:
        parse(FILE.replace("X-Inner:", '"X Inner":'), "file.yaml")
    assert str(error.value).startswith("file.yaml: module Outer/Inner: headers: Header name")
