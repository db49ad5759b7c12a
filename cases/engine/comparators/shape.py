"""Comparators of a whole document: against a JSON Schema, against a pattern of itself."""

from __future__ import annotations

from typing import Any

from cases.engine import schema, structure
from cases.engine.comparators.base import CannotCompare, Comparator
from cases.engine.values import is_deep


def _conforms(actual: Any, expected: schema.Schema) -> bool:
    return not _violations(actual, expected)


def _violations(actual: Any, expected: schema.Schema) -> list[str]:
    if is_deep(actual, schema.DEEPEST):
        raise CannotCompare(f"it is nested more than {schema.DEEPEST} times")
    return expected.violations(actual)


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
        differences=_violations,
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
