"""Stored schemas in a project file."""

from __future__ import annotations

import re

import pytest

from cases.importers.project import BadProject
from cases.importers.save import save
from cases.importers.testhub import parse
from cases.models import Case, Schema
from tests.factories import make_case

pytestmark = pytest.mark.django_db

FILE = """
testhub: 1
schemas:
  - {name: User, schema: {required: [id]}, description: who}
  - {name: Order, schema: {properties: {user: {$ref: User}}}}
modules:
  - name: Shop
    assert: [json matches_schema true]
    cases:
      - name: look
        request: GET /
        assert: [json matches_schema Order]
"""


def load(text: str) -> str:
    return str(save(parse(text, "shop.yaml")).tally)


def test_schemas_are_created_and_brought_up_to_date() -> None:
    judged = {"source": "json", "comparator": "matches_schema", "expected": "User"}
    elsewhere = make_case(steps=[{"url": "/", "assertions": [judged]}])
    assert "2 JSON Schemas" in load(FILE)
    assert "updated" not in load(FILE)
    assert load(FILE.replace("[id]", "[name]")).startswith("updated: 1 JSON Schema;")
    for case in (Case.objects.get(name="look"), elsewhere):
        case.refresh_from_db()
        assert case.current_version is not None
        texts = {one["name"]: one["text"] for one in case.current_version.spec["schemas"]}
        assert texts["User"] == '{"required": ["name"]}'


def test_a_text_that_says_the_same_stays_as_it_was_typed() -> None:
    typed = "# ours\nrequired: [id]\n"
    Schema.objects.create(name="User", text=typed)
    load(FILE)
    assert Schema.objects.get(name="User").text == typed


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("matches_schema Order", "matches_schema Nobody", "case Shop/look: steps.1.assertions"),
        ("matches_schema true", "matches_schema Nobody", "module Shop: assertions: In asser"),
        (
            "$ref: User",
            "$ref: Nobody",
            "schema User: There is no stored schema 'Nobody', which Order ",
        ),
        ("{required: [id]}", "{type: colour}", "schema User: The JSON Schema is not valid"),
        ("name: Order", "name: a b", "schema a b: the name has letters from A to Z"),
    ],
)
def test_what_is_wrong_with_schemas_is_named(old: str, new: str, said: str) -> None:
    with pytest.raises(BadProject, match=f"^shop.yaml: {re.escape(said)}"):
        parse(FILE.replace(old, new), "shop.yaml")
