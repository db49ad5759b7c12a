"""Stored schemas as a case meets them: by name, by reference, in any draft."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cases.engine.errors import CannotJudge
from cases.engine.outcome import Outcome
from cases.engine.runner import run_case
from cases.engine.schema import DEEPEST
from cases.engine.spec import CaseSpec, SchemaSpec, StepSpec
from cases.engine.stored_schemas import StoredSchemas, stored_schemas
from cases.engine.variables import Variables
from tests.engine.asking import Asking, check

STORED = {
    "User": {"type": "object", "required": ["id"], "$defs": {"id": {"type": "integer"}}},
    "Order": {"properties": {"user": {"$ref": "User"}, "id": {"$ref": "User#/$defs/id"}}},
    "old": {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "maximum": 5,
        "exclusiveMaximum": True,
    },
    "Tree": {"type": "object", "additionalProperties": {"$ref": "Tree"}},
    "v1.x-y_z": {"$ref": "old"},
    "identified": {"$id": "https://example.com/a.json", "type": "null"},
    "far": {"$id": "https://example.com/b.json", "$ref": "testhub:/old"},
}


def specs(stored: dict[str, Any]) -> tuple[SchemaSpec, ...]:
    return tuple(SchemaSpec(name=n, text=json.dumps(s)) for n, s in stored.items())


@pytest.mark.parametrize(
    ("expected", "value", "violations"),
    [
        ("User", {"id": 1}, []),
        (" User ", {}, ['$: "id" is a required property']),
        ("Order", {"user": {}}, ['$.user: "id" is a required property']),
        ("Order", {"id": "a"}, ['$.id: "a" is not of type "integer"']),
        ("old", 5, ["$: 5 is greater than or equal to the maximum of 5"]),
        ("v1.x-y_z", 5, ["$: 5 is greater than or equal to the maximum of 5"]),
        ("far", 5, ["$: 5 is greater than or equal to the maximum of 5"]),
        ("Tree", {"a": {"b": 1}}, ['$.a.b: 1 is not of type "object"']),
        ({"items": {"$ref": "User"}}, [{}], ['$[0]: "id" is a required property']),
        ('{"items": {"$ref": "User"}}', [{}], ['$[0]: "id" is a required property']),
        ({"$ref": "https://example.com/a.json"}, 1, ['$: 1 is not of type "null"']),
        ({"$ref": "#/$defs/a", "$defs": {"a": False}}, 1, ["$: False schema does not allow 1"]),
        ("true", 1, []),
    ],
)
def test_a_name_stands_for_its_schema(expected: Any, value: Any, violations: list[str]) -> None:
    assert StoredSchemas(specs(STORED)).compile(expected).violations(value) == violations


@pytest.mark.parametrize("stored", [{}, STORED])
@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("user", "There is no stored schema 'user'."),
        ("{", "The JSON Schema is not JSON"),
        ({"$ref": "Nobody"}, "The JSON Schema is not valid"),
        ({"$ref": "http://127.0.0.1:9/x"}, "The JSON Schema is not valid"),
    ],
)
def test_what_is_not_there_is_named(stored: Any, expected: Any, said: str) -> None:
    with pytest.raises(CannotJudge, match=said):
        StoredSchemas(specs(stored)).compile(expected)


def _deep() -> Any:
    schema: Any = True
    for _ in range(DEEPEST + 1):
        schema = {"not": schema}
    return schema


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("a text", "is an object or a boolean, not a text"),
        (5, "is an object or a boolean, not the number 5"),
        ({"type": "colour"}, "The JSON Schema is not valid"),
        ({"$ref": "Nobody"}, "There is no stored schema 'Nobody', which new refers to."),
        ({"$schema": "urn:x"}, "The schemas cannot be read: Unknown meta-schema"),
        (_deep(), "nested more than 200 times"),
    ],
)
def test_what_cannot_be_kept_is_refused(schema: Any, said: str) -> None:
    with pytest.raises(CannotJudge, match=said):
        StoredSchemas(specs({"new": schema})).check("new")


def test_cases_with_the_same_schemas_share_what_was_compiled() -> None:
    first, second = stored_schemas(specs(STORED)), stored_schemas(specs(STORED))
    assert first is second
    assert first.compile("Order") is second.compile("Order")


@pytest.mark.parametrize("expected", ["User", "{{name}}", {"required": ["{{id}}"]}])
def test_a_case_is_judged_by_the_schemas_that_it_brings(asking: Asking, expected: Any) -> None:
    step = StepSpec(
        url="/json", assertions=(check("json", comparator="matches_schema", expected=expected),)
    )
    stored = {"User": {"required": ["no such thing"]}}
    attempt = run_case(
        CaseSpec(name="case", path="case", steps=(step,), schemas=specs(stored)),
        Variables([("case", {"name": "User", "id": "no such thing"})]),
        asking.session,
        environment=asking.environment,
    )
    [judged] = attempt.steps[0].assertions
    assert judged.outcome is Outcome.FAILED
    assert '$: "no such thing" is a required property' in judged.message
