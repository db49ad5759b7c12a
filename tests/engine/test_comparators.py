from __future__ import annotations

from typing import Any

import pytest

from cases.engine.comparators import COMPARATORS, CannotCompare
from cases.engine.errors import CannotJudge

NOT_COMPARABLE = "the actual value has the wrong type"
NONSENSE = "the expected value makes no sense"


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
        ("has_length", "äö", 2, True),
        ("has_length", [1], 2, False),
        ("has_length", {}, 0, True),
        ("has_length", 5, 1, NOT_COMPARABLE),
        ("has_length", "5", "1", NONSENSE),
        ("has_length", "5", True, NONSENSE),
        ("is_in", 5, [4, 5], True),
        ("is_in", 5, ["5"], False),
        ("is_in", 5, 5, NONSENSE),
    ],
)
def test_comparator(comparator: str, actual: Any, expected: Any, passes: Any) -> None:
    check = COMPARATORS[comparator].check
    if passes is NOT_COMPARABLE:
        with pytest.raises(CannotCompare):
            check(actual, expected)
    elif passes is NONSENSE:
        with pytest.raises(CannotJudge):
            check(actual, expected)
    else:
        assert check(actual, expected) is passes


def test_every_comparator_can_be_shown_in_a_form() -> None:
    assert all(one.label and one.phrase and one.description for one in COMPARATORS.values())
