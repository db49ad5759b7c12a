"""Schemas that are kept once: named by assertions and by each other, frozen in versions."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases import schemas, specs
from cases.engine.compiler import compile_case
from cases.engine.spec import CaseSpec
from cases.forms import ModuleForm
from cases.models import Case, Schema, SchemaUse
from tests.cases.test_admin_save import STEP, case_data
from tests.factories import make_case, make_module, make_schema

pytestmark = pytest.mark.django_db

ADD = "/admin/cases/schema/add/"
LIST = "/admin/cases/schema/"
USER = '{"type": "object", "required": ["id"]}'
ORDER = "# of the shop\ntype: object\nproperties:\n  user: {$ref: User}\n"


def expecting(expected: Any) -> dict[str, Any]:
    return {"source": "json", "comparator": "matches_schema", "expected": expected}


def judging(expected: Any, **fields: Any) -> Case:
    steps = [{"url": "/x", "assertions": [expecting(expected)]}]
    return make_case(make_module("Shop"), steps=steps, name="look", **fields)


def frozen(case: Case) -> dict[str, str]:
    """The stored schemas of the case's current version."""
    case.refresh_from_db()
    assert case.current_version is not None
    return {one["name"]: one["text"] for one in case.current_version.spec["schemas"]}


def said_of(case: Case) -> list[str]:
    case.refresh_from_db()
    assert case.current_version is not None
    compiled = compile_case(CaseSpec.from_dict(case.current_version.spec))
    return [problem.message for step in compiled.steps for problem in step.problems]


def page(schema: Schema, name: str = "change") -> str:
    return reverse(f"admin:cases_schema_{name}", args=[schema.pk])


def post(client: Client, url: str, **fields: str) -> Any:
    return client.post(url, {"name": "", "description": "", "text": "", **fields}, follow=True)


@pytest.mark.parametrize(
    ("expected", "names"),
    [
        ("User", {"User"}),
        (" Order ", {"Order", "User"}),
        ({"items": {"$ref": "User#/required"}}, {"User"}),
        ({"anyOf": [{"$ref": "#/x"}, {"$ref": "Order"}]}, {"Order", "User"}),
        ({"$id": "https://example.com/x", "$ref": "testhub:/User"}, {"User"}),
        ({"type": "object"}, set()),
        ("true", set()),
        ("{{schema}}", set()),
    ],
)
def test_a_version_holds_what_its_assertions_lead_to(expected: Any, names: set[str]) -> None:
    make_schema("User", USER)
    make_schema("Order", ORDER)
    make_schema("Other", USER)
    case = judging(expected)
    assert frozen(case).keys() == names
    assert set(case.schema_uses.values_list("name", flat=True)) == names


def test_a_schema_of_a_modules_assertion_is_frozen_too() -> None:
    make_schema("User", USER)
    module = make_module("Shop", assertions=[expecting("User")])
    assert frozen(make_case(module)).keys() == {"User"}


def test_saving_a_schema_compiles_the_cases_that_lead_to_it() -> None:
    user = make_schema("User", USER)
    make_schema("Order", ORDER)
    case, other = judging("Order"), make_case()
    before = case.current_version_id
    unchanged = other.current_version_id
    user.text = "type: string"
    schemas.save(user)
    assert frozen(case)["User"] == '{"type": "string"}'
    assert case.current_version_id != before
    other.refresh_from_db()
    assert other.current_version_id == unchanged


def test_a_schema_that_comes_later_is_found() -> None:
    case = judging("User")
    assert said_of(case) == ["In assertion 1 of step 1: There is no stored schema 'User'."]
    make_schema("User", USER)
    assert said_of(case) == []


def test_a_case_that_names_another_one_uses_it_no_more() -> None:
    make_schema("User", USER)
    case = judging("User")
    case.steps.update(assertions=[])
    specs.refresh_users(SchemaUse, ["User"])
    assert not SchemaUse.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "a b"}, "“a b” cannot stand in a reference"),
        ({"name": "true"}, "“true” cannot stand in a reference"),
        ({"name": "User"}, "JSON Schema with this Name already exists."),
        ({"text": "{"}, "This is neither JSON nor YAML: Expecting property name"),
        ({"text": "a: [1"}, "This is neither JSON nor YAML: line 2: did not find"),
        ({"text": "a: 1\na: 2"}, "the key “a” stands here twice"),
        ({"text": "object"}, "A JSON Schema is an object or a boolean, not a text."),
        ({"text": "[1]"}, "A JSON Schema is an object or a boolean, not the list [1]."),
        ({"text": "type: colour"}, "The JSON Schema is not valid"),
        ({"text": "$ref: Nobody"}, "There is no stored schema 'Nobody', which New refers to."),
        ({"text": "$ref: https://example.com/x"}, "The schemas cannot be read: Resource"),
        ({"text": "{" * 5000}, "This is neither JSON nor YAML"),
        ({"text": '{"not": ' * 250 + "true" + "}" * 250}, "nested more than"),
    ],
)
def test_what_cannot_be_used_is_refused(
    admin: Client, fields: dict[str, str], said: str
) -> None:
    make_schema("User", USER)
    answer = post(admin, ADD, **{"name": "New", "text": "true", **fields})
    errors = str(answer.context["adminform"].form.errors)
    assert said.replace("'", "&#x27;") in errors
    assert Schema.objects.count() == 1


@pytest.mark.parametrize(
    "text", [USER, ORDER, "true", "$ref: New#/definitions/a\ndefinitions: {a: {}}"]
)
def test_what_is_typed_is_kept_as_it_is(admin: Client, text: str) -> None:
    make_schema("User", USER)
    post(admin, ADD, name=" New ", text=text)
    stored = Schema.objects.get(name="New")
    assert stored.text.strip() == text.strip()


def test_what_is_used_is_neither_renamed_nor_deleted(admin: Client) -> None:
    user = make_schema("User", USER)
    make_schema("Order", ORDER)
    judging("Order")
    said = "used by Order, Shop/look."
    renamed = post(admin, page(user), name="X", text=USER).text
    assert f"It cannot be renamed: “User” is {said}" in renamed
    said = f"“User” is not deleted: it is {said}"
    assert said in admin.get(page(user, "delete"), follow=True).text
    assert said in admin.post(page(user, "delete"), {"post": "yes"}, follow=True).text
    chosen = {"action": "delete_selected", "_selected_action": user.pk, "post": "yes"}
    assert said in admin.post(LIST, chosen).text
    assert Schema.objects.filter(name="User").exists()
    shown = admin.get(page(user)).text
    assert ">Order</a>" in shown
    assert ">Shop/look</a>" in shown


def test_what_nobody_uses_is_deleted(admin: Client) -> None:
    user = make_schema("User", USER)
    admin.post(page(user, "delete"), {"post": "yes"})
    assert not Schema.objects.exists()


@pytest.mark.parametrize(("name", "accepted"), [("User", True), ("user", False)])
def test_a_step_may_name_what_there_is(admin: Client, name: str, accepted: bool) -> None:
    make_schema("User", USER)
    table = f'[["json", "", "", false, "matches_schema", "{name}", false]]'
    data = case_data(make_module(), {**STEP, "assertions": table})
    answer = admin.post(reverse("admin:cases_case_add"), data)
    assert Case.objects.exists() is accepted
    if not accepted:
        assert "There is no stored schema &#x27;user&#x27;." in answer.text


@pytest.mark.parametrize(("name", "accepted"), [("User", True), ("user", False)])
def test_a_module_may_name_what_there_is(name: str, accepted: bool) -> None:
    make_schema("User", USER)
    table = f'[["json", "", "", false, "matches_schema", "{name}", false]]'
    form = ModuleForm({"name": "Shop", "assertions": table})
    assert ("assertions" not in form.errors) is accepted
