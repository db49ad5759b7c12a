"""Form fields that keep a list of rows in one JSON column."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django import forms

from cases.columns import pair_columns, variable_columns
from cases.tables import AssertionField, ExtractionField, RowsField, TableField


def headers() -> TableField:
    return TableField(columns=pair_columns, pairs=True)


def test_pairs_keep_their_order_their_spaces_and_their_repetitions() -> None:
    stored = [["X", " a "], ["x", ""], ["X", "b\nc"]]
    assert headers().clean(headers().prepare_value(stored)) == stored


def test_rows_that_are_left_empty_are_dropped() -> None:
    assert headers().clean('[["", ""], ["Accept", "*/*"]]') == [["Accept", "*/*"]]


def test_a_row_without_a_name_is_named_by_its_number() -> None:
    with pytest.raises(forms.ValidationError, match="Row 2: Name is empty."):
        headers().clean('[["Accept", "*/*"], ["", "lost"]]')


def test_variables_keep_their_types() -> None:
    field = TableField(columns=variable_columns, pairs=True)
    stored = [["number", 1], ["text", "1"], ["flag", False], ["list", [1, "1", None]]]
    assert field.clean(field.prepare_value(stored)) == stored


def test_assertions_come_back_as_they_were_stored() -> None:
    stored = [
        assertion(source="status", expected=200),
        assertion(source="header", path="X-Id", negated=True, expected="200"),
        assertion(source="json", path="$.a", expected=None),
        assertion(source="json", path="$.a", expected=""),
        assertion(source="body", comparator="is_empty", expected=None),
    ]
    field = AssertionField()
    assert field.clean(field.prepare_value(stored)) == stored


def test_what_an_imported_assertion_leaves_out_is_shown_as_the_engine_reads_it() -> None:
    field = AssertionField()
    shown = json.loads(field.prepare_value([{"source": "status"}]))
    assert shown == [["status", "", "", False, "equals", "null", False]]


def test_an_assertion_without_what_it_expects_is_refused() -> None:
    with pytest.raises(forms.ValidationError, match="needs an expected value"):
        AssertionField().clean('[["json", "$.a", "", false, "equals", "", false]]')


def test_a_comparator_that_expects_nothing_loses_what_stands_there() -> None:
    read = AssertionField().clean('[["json", "$.a", "", false, "exists", "7", false]]')
    assert read[0]["expected"] is None


def test_extractions_come_back_as_they_were_stored() -> None:
    stored = [
        extraction(name="token", path="$.token", filters="trim", secret=True),
        extraction(name="next", optional=True, default=None),
        extraction(name="note", optional=True, default=""),
        extraction(name="size", optional=True, default=5),
    ]
    field = ExtractionField()
    assert field.clean(field.prepare_value(stored)) == stored


def test_an_extraction_is_optional_when_it_has_a_default() -> None:
    field = ExtractionField()
    shown = json.loads(field.prepare_value([{"name": "id", "source": "json", "path": "$.id"}]))
    assert shown == [["id", "json", "$.id", "", "", False]]
    for cell, optional, default in (("", False, None), ("null", True, None), ("0", True, 0)):
        shown[0][4] = cell
        read = field.clean(json.dumps(shown))[0]
        assert (read["optional"], read["default"]) == (optional, default)


@pytest.mark.parametrize(
    "posted", ["{}", "[1]", '[["one"]]', '[["a", 1]]', "[[", '["ab", "cd"]', "[" * 100_000]
)
def test_what_is_no_table_is_refused(posted: str) -> None:
    with pytest.raises(forms.ValidationError, match="not a table"):
        headers().clean(posted)


def test_rows_of_a_dataset_keep_types_and_gaps() -> None:
    stored = [
        {"name": "empty cart", "values": [["items", 0], ["note", ""]]},
        {"name": "full", "values": [["items", "0"]]},
    ]
    field = RowsField()
    assert field.clean(field.prepare_value(stored)) == stored


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"columns": ["a", "a"], "rows": []}, "a name of its own"),
        ({"columns": [""], "rows": [["x", "1"]]}, "a name of its own"),
        ({"columns": ["a"], "rows": [["", "1"]]}, "Row 1 has no name"),
        ({"columns": ["a"], "rows": [["x"]]}, "not a table of 2 columns"),
    ],
)
def test_a_dataset_says_what_is_wrong_with_its_rows(table: Any, sentence: str) -> None:
    with pytest.raises(forms.ValidationError, match=sentence):
        RowsField().clean(json.dumps(table))


def test_an_untouched_table_has_not_changed() -> None:
    stored = [["a", "1"]]
    field = headers()
    assert not field.has_changed(stored, field.prepare_value(stored))
    assert field.has_changed(stored, "[]")
    assert field.has_changed(stored, "nonsense")


def assertion(**fields: Any) -> dict[str, Any]:
    return {
        "path": "",
        "filters": "",
        "negated": False,
        "comparator": "equals",
        "expected": None,
        "warns": False,
        **fields,
    }


def extraction(**fields: Any) -> dict[str, Any]:
    return {
        "source": "json",
        "path": "",
        "filters": "",
        "optional": False,
        "default": None,
        "secret": False,
        **fields,
    }
