"""A whole document compared with a pattern of itself, and the lines that say what differs."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.engine.difference import differences
from cases.engine.errors import CannotJudge, EngineError
from cases.engine.formats import FORMATS
from cases.engine.placeholders import WORDS
from cases.engine.structure import compile_structure
from cases.engine.values import TYPES, same

UUID = "0b2f8a5e-6d1e-4c3b-9f1a-2c3d4e5f6a7b"


def lines(actual: Any, pattern: Any, **options: Any) -> list[str]:
    named = {f"#{name}": value for name, value in options.items()}
    expected = {"#like": pattern, **named} if options else pattern
    return compile_structure(expected).differences(actual)


@pytest.mark.parametrize(
    ("pattern", "fits", "does_not"),
    [
        ("#ignore", [None, 5, {}], []),
        ("#present", [None, 5], []),
        ("#notnull", [0, ""], [None]),
        ("#text", ["", "a"], [5, None]),
        ("#string", ["a"], [5]),
        ("#number", [5, 1.5], ["5", True]),
        ("#integer", [5, 5.0], [5.5, "5"]),
        ("#boolean", [True], [1]),
        ("#null", [None], [0]),
        ("#list", [[]], [{}]),
        ("#array", [[1]], ["[1]"]),
        ("#object", [{}], [[]]),
        ("#uuid", [UUID], ["x", 5]),
        ("#datetime", ["2026-11-23T12:42:18Z"], ["2026-11-23"]),
        ("##uuid", [UUID, None], ["x"]),
        ("#regex ^a\\d+$", ["a1"], ["b1", "a", 5]),
        ("##regex ^a b$", ["a b", None], ["ab"]),
        ("#[]", [[], [1]], [{}, "a"]),
        ("#[2]", [[1, 2]], [[1]]),
        ("#[] #uuid", [[], [UUID]], [[UUID, 5]]),
        ("#[1] #[2] #text", [[["a", "b"]]], [[["a"]], []]),
        ("##[] #text", [None, ["a"]], [[1]]),
        ("#=#text", ["#text"], ["a"]),
        ("#=", [""], ["#="]),
        ("# heading", ["# heading"], ["heading"]),
        ("#1", ["#1"], ["1"]),
        ({"#each": {"id": "#integer"}}, [[], [{"id": 1}, {"id": 2}]], [[{"id": "1"}], {}]),
        ({"a": "##text"}, [{"a": "x"}, {"a": None}, {}], [{"a": 1}, {"b": 1}]),
        ({"a": "#ignore"}, [{"a": 1}, {}], [{"b": 1}]),
        ({"a": "#absent"}, [{}], [{"a": None}]),
        ({"a": 1}, [{"a": 1.0}], [{"a": "1"}, {}, {"a": 1, "b": 2}, [], None]),
        ([1, "#text"], [[1, "a"]], [[1], [1, "a", 2], ["a", 1]]),
        ([1, "##text"], [[1], [1, "a"]], [[1, 2]]),
        (5, [5], ["5", None]),
        (None, [None], [0]),
    ],
)
def test_pattern(pattern: Any, fits: list[Any], does_not: list[Any]) -> None:
    for actual in fits:
        assert lines(actual, pattern) == []
    for actual in does_not:
        assert lines(actual, pattern) != []


def test_every_placeholder_is_in_the_table() -> None:
    table = test_pattern.pytestmark[0].args[1]  # type: ignore[attr-defined]
    found = {word for row in table for word in re.findall(r"#(\w+)", str(row[0]))}
    assert found >= {*WORDS, *TYPES, "regex"}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_a_placeholder(name: str) -> None:
    assert lines("no such thing!", f"#{name}") != []
    assert lines(None, f"##{name}") == []


@pytest.mark.parametrize(
    ("actual", "pattern", "options", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, {"extra": True}, []),
        ({"x": {"a": 1, "b": 2}}, {"x": {"a": 1}}, {"extra": True}, []),
        ([1, 2], [1], {"extra": True}, ["$[1]: not expected, was 2"]),
        (
            {"id": 9, "items": [{"at": 1, "n": 2}]},
            {"id": 1, "items": [{"at": 5, "n": 2}]},
            {"ignore": ["$.id", "$..at"]},
            [],
        ),
        ({"n": 2, "new": 1}, {"n": 2, "old": 1}, {"ignore": ["$.new", "$.old"]}, []),
        ([1, 5], [1], {"ignore": ["$[1]"]}, []),
        ({"p": 1.004}, {"p": 1}, {"tolerance": 0.01}, []),
        ({"p": 1.02}, {"p": 1}, {"tolerance": 0.01}, ["$.p: 1.02 instead of 1"]),
        ({"p": True}, {"p": 1}, {"tolerance": 1}, ["$.p: true instead of 1"]),
        ([3, 1, 2], [1, 2, 3], {"any_order": True}, []),
        ([{"a": 1}, {"a": "x"}], [{"a": "#text"}, {"a": "#number"}], {"any_order": True}, []),
        # The first that fits is not always the right one.
        ([1, 2], ["#number", 1], {"any_order": True}, []),
        ([1.05, 1.0], [1, "#integer"], {"any_order": True, "tolerance": 0.1}, []),
        (
            [1, 1, 2],
            [1, 2, 2],
            {"any_order": True},
            ["$: no element is 2", "$[1]: not expected, was 1"],
        ),
        ({"a": [2, 1], "b": [2, 1]}, {"a": [1, 2], "b": [2, 1]}, {"any_order": ["$.a"]}, []),
        (
            {"a": [2, 1], "b": [2, 1]},
            {"a": [1, 2], "b": [1, 2]},
            {"any_order": ["$.a"]},
            ["$.b[0]: 2 instead of 1", "$.b[1]: 1 instead of 2"],
        ),
        ([1], [1, "##text"], {"any_order": True}, []),
    ],
)
def test_options(actual: Any, pattern: Any, options: Any, expected: list[str]) -> None:
    assert lines(actual, pattern, **options) == expected


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("#fff", "There is no placeholder #fff; a text that begins with # is written #=#fff."),
        ({"a": ["#colour"]}, "There is no placeholder #colour"),
        ("#[] 5", "Behind #[] comes a placeholder"),
        ("#regex (", "Regular expression '('"),
        ({"#like": 1, "#order": True}, "A structure has no option #order"),
        ({"#like": 1, "#tolerance": "1"}, "#tolerance is a number"),
        ({"#like": 1, "#tolerance": -1}, "#tolerance is a number"),
        ({"#like": 1, "#extra": 1}, "#extra is true or false"),
        ({"#like": 1, "#any_order": 1}, "#any_order is a list of JSONPaths"),
        ({"#like": 1, "#ignore": "$.a"}, "#ignore is a list of JSONPaths"),
        ({"#like": 1, "#ignore": ["a"]}, "JSONPath 'a' is not valid"),
    ],
)
def test_a_pattern_that_makes_no_sense_says_why(pattern: Any, words: str) -> None:
    with pytest.raises(EngineError) as raised:
        compile_structure(pattern)
    assert words in str(raised.value)


def test_a_list_too_long_to_be_tried_in_every_order_is_an_error() -> None:
    with pytest.raises(CannotJudge, match="more than 300 elements differ"):
        lines(list(range(500)), ["#text"] * 500, any_order=True)
    assert lines(list(range(5_000))[::-1], list(range(5_000)), any_order=True) == []


def test_a_comparison_that_would_take_minutes_is_an_error() -> None:
    wide = [{f"{name}": 0 for name in range(50)} | {"id": n} for n in range(300)]
    pattern = [{**one, "id": "#text"} for one in wide]
    began = time.monotonic()
    with pytest.raises(CannotJudge, match="More than 1000000 values"):
        lines(wide, pattern, any_order=True)
    assert time.monotonic() - began < 3 * 3 + 2


@pytest.mark.parametrize(
    ("actual", "expected", "said"),
    [
        (5, 6, ["$: 5 instead of 6"]),
        ({"a": {"b c": [1, 2]}}, {"a": {"b c": [1]}}, ["$.a['b c'][1]: not expected, was 2"]),
        ({"a": 1}, {"b": 2}, ["$.b: missing, expected was 2", "$.a: not expected, was 1"]),
        ([1], [1, None], ["$[1]: missing, expected was null"]),
        ([1], {"a": 1}, ['$: [1] instead of {"a":1}']),
        ({"it's": 1}, {"it's": 2}, ["$['it\\'s']: 1 instead of 2"]),
        ("x" * 100, 1, [f'$: "{"x" * 58}… instead of 1']),
    ],
)
def test_differences_are_said_with_their_place(
    actual: Any, expected: Any, said: list[str]
) -> None:
    assert differences(actual, expected) == said


documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats(allow_nan=False)
    | st.text("ab#"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(actual=documents, expected=documents)
def test_there_are_differences_exactly_when_two_values_are_not_the_same(
    actual: Any, expected: Any
) -> None:
    assert (differences(actual, expected) == []) is same(actual, expected)


@given(actual=documents, pattern=documents, options=st.booleans())
def test_a_comparison_raises_nothing_but_its_own_error(
    actual: Any, pattern: Any, options: bool
) -> None:
    try:
        if options:
            found = lines(actual, pattern, any_order=True, tolerance=0.5, ignore=["$..a"])
        else:
            found = lines(actual, pattern)
    except EngineError:
        return
    assert all(line.startswith("$") for line in found)
