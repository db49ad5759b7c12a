"""A cell of a table shows any JSON value and reads it back, with its type."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import cells

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("200", 200),
        ('"200"', "200"),
        ("1.0", 1.0),
        ("12345678901234567890123", 12345678901234567890123),
        ("true", True),
        ("null", None),
        ("True", "True"),
        ("Assam tea", "Assam tea"),
        ("{{token}}", "{{token}}"),
        ('{"a": [1, 2]}', {"a": [1, 2]}),
        ("{a: 1}", "{a: 1}"),
        ('""', ""),
        ("NaN", "NaN"),
        ("1e999", "1e999"),
        ("[1e999]", "[1e999]"),
        ("  two  ", "  two  "),
        (" 7 ", 7),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_what_is_typed_is_read(typed: str, value: Any) -> None:
    assert same(cells.read(typed), value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("200", '"200"'), (200, "200"), ("", '""'), ("Ä", "Ä"), ("a\r\nb", '"a\\r\\nb"')],
)
def test_what_is_stored_is_shown(value: Any, shown: str) -> None:
    assert cells.show(value) == shown


@given(JSON_VALUES)
def test_a_value_that_is_shown_and_read_is_the_same(value: Any) -> None:
    assert same(cells.read(cells.show(value)), value)


def same(left: Any, right: Any) -> bool:
    """As JSON texts: 1 is not 1.0 and not true."""
    return type(left) is type(right) and json.dumps(left) == json.dumps(right)
