"""JSON Schema: the official test suite of each draft, and what a schema may not do."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cases.engine.errors import CannotJudge
from cases.engine.schema import DEEPEST, compile_schema
from tests.target import Target

SUITES = Path(__file__).parent / "suites" / "json_schema"
GROUPS = [
    pytest.param(
        draft.stem, group, id=f"{draft.stem}-{group['keyword']}-{group['description']}"
    )
    for draft in sorted(SUITES.glob("*.json"))
    for group in json.loads(draft.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("draft", "group"), GROUPS)
def test_suite(draft: str, group: dict[str, Any]) -> None:
    schema = compile_schema(group["schema"])
    for test in group["tests"]:
        held = schema.violations(test["data"]) == []
        assert held is test["valid"], test["description"]


def test_a_violation_says_where_and_what() -> None:
    schema = compile_schema(
        {
            "type": "object",
            "required": ["id"],
            "properties": {"items": {"items": {"properties": {"at": {"format": "date"}}}}},
        }
    )
    assert schema.violations({"items": [{"at": "2026-02-30"}]}) == [
        '$: "id" is a required property',
        '$.items[0].at: "2026-02-30" is not a "date"',
    ]


def test_a_schema_may_be_json_text() -> None:
    assert compile_schema('{"type": "integer"}').violations("a") == [
        '$: "a" is not of type "integer"'
    ]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "colour"}, "The JSON Schema is not valid"),
        ({"$schema": "urn:draft-99"}, "Unknown meta-schema"),
        ({"pattern": "("}, "The JSON Schema is not valid"),
        ({"$ref": "#/nowhere"}, "The JSON Schema is not valid"),
        ("{", "The JSON Schema is not JSON"),
        (5, "is an object or a boolean, not the number 5"),
    ],
)
def test_what_is_no_schema_says_why(schema: Any, words: str) -> None:
    with pytest.raises(CannotJudge) as raised:
        compile_schema(schema)
    assert words in str(raised.value)


@pytest.mark.parametrize("keyword", ["$ref", "$schema"])
def test_nothing_is_fetched(keyword: str, target: Target) -> None:
    with pytest.raises(CannotJudge):
        compile_schema({keyword: f"{target.url}/json"})
    assert not target.requests


def test_no_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"type": "integer"}')
    with pytest.raises(CannotJudge):
        compile_schema({"$ref": (tmp_path / "schema.json").as_uri()})


def test_a_schema_nested_too_deeply_is_refused() -> None:
    schema: Any = {}
    for _ in range(DEEPEST + 1):
        schema = {"not": schema}
    with pytest.raises(CannotJudge, match="nested more than"):
        compile_schema(schema)


def test_a_hostile_pattern_ends_in_time() -> None:
    schema = compile_schema({"pattern": "^(?=a)((a|a)+)+$"})
    began = time.monotonic()
    with suppress(CannotJudge):
        assert schema.violations("a" * 64 + "!")
    assert time.monotonic() - began < 3 * 0.5 + 2


def test_violations_are_at_most_fifty() -> None:
    assert len(compile_schema({"items": {"type": "null"}}).violations([1] * 1_000)) == 50
