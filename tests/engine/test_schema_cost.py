"""A schema that asks itself in several branches is answered in time, told or not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cases.engine.comparators import COMPARATORS
from cases.engine.openapi import compile_contract
from cases.engine.schema import DEEPEST, compile_schema
from cases.engine.schema_cost import levels_told

TREE = {"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}}
ITSELF = {"$ref": "#/$defs/a"}
BRANCHES = [*[{"type": "array", "items": ITSELF}] * 2, {"type": "string"}]


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("schema", "levels"),
    [
        (True, DEEPEST),
        ({"anyOf": [{}, {}]}, DEEPEST),
        (TREE, DEEPEST),
        ({**TREE, "anyOf": [{"required": ["left"]}, {}]}, 15),
        ({**ITSELF, "$defs": {"a": {"oneOf": BRANCHES}}}, 9),
        ({**ITSELF, "$defs": {"a": {"allOf": [{}, {}], "items": {"$ref": "#/$defs/b"}}}}, 15),
        ({"$ref": "#/$defs/b", "$defs": {"b": {"anyOf": [{}, {}]}}}, DEEPEST),
        ({"$ref": "#a", "$defs": {"b": {"$anchor": "a", "anyOf": [{}, {}]}}}, 15),
        ({"$ref": "https://example.org/a", "anyOf": [{}, {}]}, 15),
        ({"anyOf": [{"$ref": "#/anyOf/1"}, {"items": {"$ref": "#/anyOf/0"}}]}, 15),
        ({"anyOf": 5, "oneOf": [5, None], "$ref": ["x"]}, DEEPEST),
    ],
)
def test_levels(schema: Any, levels: int) -> None:
    assert levels_told(schema, {}, DEEPEST) == levels


@pytest.mark.parametrize(
    ("user", "levels"),
    [
        ({"anyOf": [{}, {}]}, DEEPEST),
        ({"anyOf": [{}, {"$ref": "Order"}]}, 15),
        ({"anyOf": [{}, {"$ref": "testhub:/User#"}]}, 15),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{}, {}]}}}, DEEPEST),
    ],
)
def test_levels_of_schemas_that_refer_to_each_other(user: Any, levels: int) -> None:
    others = {"testhub:/User": user, "testhub:/Order": {"items": {"$ref": "User"}}}
    assert levels_told({"$ref": "Order"}, others, DEEPEST) == levels


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "allOf"])
@pytest.mark.parametrize("levels", [8, 20, 150])
def test_a_deep_document_is_judged_in_time(keyword: str, levels: int) -> None:
    schema = {**ITSELF, "$defs": {"a": {keyword: BRANCHES}}}
    began = time.monotonic()
    lines = compile_schema(schema).violations(nested(levels))
    assert time.monotonic() - began < 3 * 0.2 + 2
    assert lines
    assert ("nested more than 9 times" in lines[0]) is (levels > 9)


def test_what_conforms_in_the_last_branch_has_no_violations() -> None:
    schema = {**ITSELF, "$defs": {"a": {"anyOf": [*BRANCHES, {"type": "array"}]}}}
    assert compile_schema(schema).violations(nested(100)) == []


def test_the_schemas_of_a_contract_are_answered_in_time_too() -> None:
    place = "/paths/~1a/get/responses/200/content/application~1json/schema"
    schema = {"anyOf": [{"type": "array", "items": {"$ref": f"#{place}"}}] * 2}
    document = {
        "openapi": "3.1.0",
        "paths": {
            "/a": {
                "get": {
                    "responses": {"200": {"content": {"application/json": {"schema": schema}}}}
                }
            }
        },
    }
    exchange = {
        "method": "GET",
        "url": "http://h/a",
        "status": 200,
        "content_type": "application/json",
        "body": nested(100),
    }
    [line] = compile_contract(document).violations(exchange)
    assert line.startswith("$.body: it is nested more than 15 times")


@pytest.mark.parametrize("name", ["contains_all", "contains_any"])
def test_many_values_are_sought_in_many_in_time(name: str) -> None:
    found = [{"a": number} for number in range(20_000)]
    wanted = found if name == "contains_all" else [{"b": number} for number in range(20_000)]
    began = time.monotonic()
    assert COMPARATORS[name].check(found, wanted) is (name == "contains_all")
    assert time.monotonic() - began < 3 * 0.5 + 2
