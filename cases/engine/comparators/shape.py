"""Comparators of a whole document: against a schema, a contract, a pattern of itself."""

from __future__ import annotations

from typing import Any

from cases.engine import openapi, schema, structure
from cases.engine.comparators.base import CannotCompare, Comparator
from cases.engine.filters.arguments import a
from cases.engine.values import is_deep


def _conforms(actual: Any, expected: schema.Schema) -> bool:
    return not _violations(actual, expected)


def _violations(actual: Any, expected: schema.Schema) -> list[str]:
    if is_deep(actual, schema.DEEPEST):
        raise CannotCompare(f"it is nested more than {schema.DEEPEST} times")
    return expected.violations(actual)


def _keeps(actual: Any, expected: openapi.Contract) -> bool:
    return not _breaches(actual, expected)


def _breaches(actual: Any, expected: openapi.Contract) -> list[str]:
    if not isinstance(actual, dict) or not _is_exchange(actual):
        raise CannotCompare(f"it is {a(actual)}, not an exchange")
    if is_deep(actual, schema.DEEPEST):
        raise CannotCompare(f"it is nested more than {schema.DEEPEST} times")
    return expected.violations(actual)


def _is_exchange(value: dict[str, Any]) -> bool:
    """Whether it has what the source `exchange` gives; it may have come another way."""
    return isinstance(value.get("status"), int) and all(
        isinstance(value.get(name), str) for name in ("method", "url", "content_type")
    )


def _matches(actual: Any, expected: structure.Structure) -> bool:
    return not expected.differences(actual)


SHAPE = {
    "matches_schema": Comparator(
        "conforms to the JSON Schema",
        "conform to the JSON Schema",
        "A JSON Schema of draft 4, 6, 7, 2019-09 or 2020-12 holds.",
        _conforms,
        meets="as it is",
        prepare=schema.compile_schema,
        names_schemas=True,
        differences=_violations,
    ),
    "matches_openapi": Comparator(
        "keeps the OpenAPI contract",
        "keep the OpenAPI contract",
        "Of an exchange: an OpenAPI document promises this status, type and body.",
        _keeps,
        meets="as it is",
        prepare=openapi.compile_contract,
        differences=_breaches,
    ),
    "matches_structure": Comparator(
        "has the structure",
        "have the structure",
        "The same document, but for placeholders such as #uuid and for what is ignored.",
        _matches,
        meets="as it is",
        prepare=structure.compile_structure,
        fill=structure.fill,
        differences=lambda actual, expected: expected.differences(actual),
    ),
}
