from __future__ import annotations

from typing import Any

import pytest

from cases.engine.comparators import COMPARATORS, CannotCompare
from cases.engine.errors import CannotJudge

NOT_COMPARABLE = "the actual value has the wrong type"
NONSENSE = "the expected value makes no sense"

EXCHANGE = {
    "method": "GET",
    "url": "http://h/a",
    "status": 200,
    "content_type": "",
    "body": "",
}
OK: dict[str, Any] = {"200": {}}


@pytest.mark.parametrize(
    ("comparator", "actual", "expected", "passes"),
    [
        ("equals", 200, 200, True),
        ("equals", 200, "200", False),
        ("equals", 1, True, False),
        ("equals", 0, False, False),
        ("equals", 1, 1.0, True),
        ("equals", None, None, True),
        ("equals", None, False, False),
        ("equals", [1, {"a": [True]}], [1, {"a": [True]}], True),
        ("equals", [1, {"a": [True]}], [1, {"a": [1]}], False),
        ("equals", [1, 2], [2, 1], False),
        ("equals", {"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ("equals", {"a": 1}, {"a": 1, "b": 2}, False),
        ("equals", "", None, False),
        ("equals_ignoring_case", "ABC", "abc", True),
        ("equals_ignoring_case", 5, "5", NOT_COMPARABLE),
        ("equals_ignoring_case", "5", 5, NONSENSE),
        ("contains", "hello", "ell", True),
        ("contains", "hello", "", True),
        ("contains", "hello", 5, NOT_COMPARABLE),
        ("contains", [1, "2", True], "2", True),
        ("contains", [1, "2"], 2, False),
        ("contains", [1], True, False),
        ("contains", [{"a": 1}], {"a": 1}, True),
        ("contains", {"a": 1}, "a", True),
        ("contains", {"a": 1}, 1, False),
        ("contains", 5, 5, NOT_COMPARABLE),
        ("contains", None, "a", NOT_COMPARABLE),
        ("contains_all", "hello", ["h", "o"], True),
        ("contains_all", [1, 2], [1, 3], False),
        ("contains_all", [1, 2], 1, NONSENSE),
        ("starts_with", "hello", "he", True),
        ("starts_with", "hello", "lo", False),
        ("starts_with", ["h"], "h", NOT_COMPARABLE),
        ("ends_with", "hello", "lo", True),
        ("ends_with", "hello", 5, NONSENSE),
        ("matches", "hello", "l+", True),
        ("matches", "hello", "^l", False),
        ("matches", 5, "5", NOT_COMPARABLE),
        ("matches", "5", 5, NONSENSE),
        ("greater_than", 5, 4.9, True),
        ("greater_than", 5, 5, False),
        ("greater_than", "b", "a", True),
        ("greater_than", "5", 4, NOT_COMPARABLE),
        ("greater_than", 5, "4", NOT_COMPARABLE),
        ("greater_than", True, 0, NOT_COMPARABLE),
        ("greater_than", None, 0, NOT_COMPARABLE),
        ("greater_than", 5, None, NONSENSE),
        ("greater_than", 5, True, NONSENSE),
        ("greater_or_equal", 5, 5, True),
        ("less_than", "2026-11-23", "2026-12-01", True),
        ("less_than", 5, 5, False),
        ("less_or_equal", 5, 5.0, True),
        ("between", 5, [5, 6], True),
        ("between", 7, [5, 6], False),
        ("between", 7, [5], NONSENSE),
        ("between", 7, 5, NONSENSE),
        ("exists", None, None, True),
        ("is_empty", "", None, True),
        ("is_empty", [], None, True),
        ("is_empty", {}, None, True),
        ("is_empty", None, None, True),
        ("is_empty", " ", None, False),
        ("is_empty", 0, None, NOT_COMPARABLE),
        ("is_type", "a", "text", True),
        ("is_type", "a", "String", True),
        ("is_type", 1, "number", True),
        ("is_type", 1, "integer", True),
        ("is_type", 1.0, "integer", True),
        ("is_type", 1.5, "integer", False),
        ("is_type", True, "number", False),
        ("is_type", True, "boolean", True),
        ("is_type", None, "null", True),
        ("is_type", [], "array", True),
        ("is_type", {}, "object", True),
        ("is_type", {}, "dictionary", NONSENSE),
        ("is_type", None, ["text", "null"], True),
        ("is_type", 5, ["text", "null"], False),
        ("is_type", 5, [], NONSENSE),
        ("is_type", 5, ["number", "dictionary"], NONSENSE),
        ("has_length", "äö", 2, True),
        ("has_length", [1], 2, False),
        ("has_length", {}, 0, True),
        ("has_length", 5, 1, NOT_COMPARABLE),
        ("has_length", "5", "1", NONSENSE),
        ("has_length", "5", True, NONSENSE),
        ("is_in", 5, [4, 5], True),
        ("is_in", 5, ["5"], False),
        ("is_in", 5, 5, NONSENSE),
        ("is_in", 1, [True, None], False),
        ("equals_any_order", [1, 2, 2], [2, 1, 2], True),
        ("equals_any_order", [1, 2, 2], [2, 1, 1], False),
        ("equals_any_order", [1, 2], [2, 1, 1], False),
        ("equals_any_order", [{"a": 1}, "1"], ["1", {"a": 1.0}], True),
        ("equals_any_order", [1], [True], False),
        ("equals_any_order", "ab", ["a", "b"], NOT_COMPARABLE),
        ("equals_any_order", [1], 1, NONSENSE),
        ("close_to", 1.05, [1, 0.1], True),
        ("close_to", 0.9, [1, 0.05], False),
        ("close_to", 5, [5, 0], True),
        ("close_to", "1", [1, 0.1], NOT_COMPARABLE),
        ("close_to", 1, 1, NONSENSE),
        ("close_to", 1, [1], NONSENSE),
        ("close_to", 1, [1, "0.1"], NONSENSE),
        ("contains_any", "hello", ["x", "h"], True),
        ("contains_any", [1, 2], [3, True], False),
        ("contains_any", {"a": 1}, ["b", "a"], True),
        ("contains_any", [1], 1, NONSENSE),
        ("contains_only", [1, 1, 2], [2, 1, 3], True),
        ("contains_only", [1, "2"], [1, 2], False),
        ("contains_only", [], [1], True),
        ("contains_only", {"a": 1, "b": 2}, ["a", "b"], True),
        ("contains_only", {"a": 1, "c": 2}, ["a", "b"], False),
        ("contains_only", "abc", ["a"], NOT_COMPARABLE),
        ("contains_only", [1], "a", NONSENSE),
        ("contains_ignoring_case", "Straße X", "STRASSE", True),
        ("contains_ignoring_case", "abc", "D", False),
        ("contains_ignoring_case", ["a"], "A", NOT_COMPARABLE),
        ("contains_ignoring_case", "5", 5, NONSENSE),
        ("before", "2026-11-23T10:00:00Z", "2026-11-23T12:00:00+01:00", True),
        ("before", "2026-11-23", "2026-11-23T00:00:00Z", False),
        ("before", 0, "1970-01-02", True),
        ("before", "soon", "2026-11-23", NOT_COMPARABLE),
        ("before", "2026-11-23", "soon", NONSENSE),
        ("before", None, "2026-11-23", NOT_COMPARABLE),
        ("after", "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:36Z", True),
        ("after", "1994-11-06T08:49:36Z", "1994-11-06T08:49:36Z", False),
        ("is_sorted", [1, 2, 2.5], "ascending", True),
        ("is_sorted", [2, 2, 1], "descending", True),
        ("is_sorted", [1, 3, 2], "ascending", False),
        ("is_sorted", ["a", "b"], "ascending", True),
        ("is_sorted", [], "descending", True),
        ("is_sorted", [1, "2"], "ascending", NOT_COMPARABLE),
        ("is_sorted", "ab", "ascending", NOT_COMPARABLE),
        ("is_sorted", [1], "up", NONSENSE),
        ("is_sorted", [1], 1, NONSENSE),
        ("is_unique", [1, "1", True, None], None, True),
        ("is_unique", [1, 1.0], None, False),
        ("is_unique", [{"a": 1}, {"a": 1}], None, False),
        ("is_unique", "aa", None, NOT_COMPARABLE),
        ("is_format", "0b2f8a5e-6d1e-4c3b-9f1a-2c3d4e5f6a7b", "uuid", True),
        ("is_format", "0b2f8a5e", "UUID", False),
        ("is_format", 5, "uuid", NOT_COMPARABLE),
        ("is_format", "a", "colour", NONSENSE),
        ("matches_schema", {"a": 1}, {"required": ["a"]}, True),
        ("matches_schema", {"b": 1}, {"required": ["a"]}, False),
        ("matches_schema", 1, {"type": "colour"}, NONSENSE),
        ("matches_schema", 1, 5, NONSENSE),
        ("matches_openapi", EXCHANGE, {"paths": {"/a": {"get": {"responses": OK}}}}, True),
        ("matches_openapi", EXCHANGE, {"paths": {}}, False),
        ("matches_openapi", {"status": 200}, {"paths": {}}, NOT_COMPARABLE),
        ("matches_openapi", EXCHANGE, {}, NONSENSE),
        ("matches_structure", {"a": 1}, {"a": "#number"}, True),
        ("matches_structure", {"a": "1"}, {"a": "#number"}, False),
        ("matches_structure", {"a": 1}, {"a": "#colour"}, NONSENSE),
    ],
)
def test_comparator(comparator: str, actual: Any, expected: Any, passes: Any) -> None:
    if passes == NOT_COMPARABLE:
        with pytest.raises(CannotCompare):
            held(comparator, actual, expected)
    elif passes == NONSENSE:
        with pytest.raises(CannotJudge):
            held(comparator, actual, expected)
    else:
        assert held(comparator, actual, expected) is passes


def held(comparator: str, actual: Any, expected: Any) -> bool:
    """As an assertion asks: the expected value prepared first."""
    known = COMPARATORS[comparator]
    return known.check(actual, known.prepare(expected) if known.prepare else expected)


def test_the_table_has_every_comparator() -> None:
    table = test_comparator.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {row[0] for row in table} == set(COMPARATORS)


def test_every_comparator_can_be_shown_in_a_form() -> None:
    assert all(one.label and one.phrase and one.description for one in COMPARATORS.values())
