from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.engine.values import (
    as_text,
    cut,
    from_json,
    is_deep,
    leaves,
    same,
    to_json,
    type_name,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        ("", ""),
        (True, "true"),
        (None, "null"),
        (5, "5"),
        (1.5, "1.5"),
        (2**70, str(2**70)),
        ([1, "ü"], '[1,"ü"]'),
        ({"a": {}}, '{"a":{}}'),
    ],
)
def test_a_value_as_text(value: Any, text: str) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"12345678901234567890123", 12345678901234567890123),
        (b'{"id": 9223372036854775808}', {"id": 9223372036854775808}),
        (b'{"12345678901234567890": 1}', {"12345678901234567890": 1}),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\ud83d"', "\ud83d"),
        (b" 1 ", 1),
    ],
)
def test_json_loses_nothing(data: bytes, value: Any) -> None:
    assert from_json(data) == value


@given(
    before=st.integers(min_value=0, max_value=40),
    number=st.integers(min_value=-(10**24), max_value=10**24)
    | st.sampled_from([2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1]),
)
def test_no_number_loses_digits_wherever_it_stands(before: int, number: int) -> None:
    assert from_json(b'{"%s": [1, %d, 22]}' % (b"a" * before, number)) == {
        "a" * before: [1, number, 22]
    }


@pytest.mark.parametrize("data", [b"", b"NaN", b"1" * 20 + b"x", b"\xff", b"[1,]"])
def test_what_is_not_json_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        from_json(data)


def test_json_that_json_cannot_say_is_text() -> None:
    assert to_json({"a": {1}}) == '{"a":"{1}"}'


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [(1, 1.0, True), (1, True, False), ("1", 1, False), ([1], [True], False), ([], {}, False)],
)
def test_same(left: Any, right: Any, equal: bool) -> None:
    assert same(left, right) is same(right, left) is equal


ATOM = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats(-2, 2)
    | st.text("12", max_size=1)
)


@given(ATOM, ATOM)
def test_two_values_without_any_inside_are_the_same(left: Any, right: Any) -> None:
    equal = bool(left == right) and type_name(left) == type_name(right)
    assert (
        same(left, right) is same([left], [right]) is same({"a": left}, {"a": right}) is equal
    )


def test_no_number_is_no_number() -> None:
    assert not same(float("nan"), float("nan"))


@pytest.mark.parametrize(
    ("text", "limit", "shown"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("", 3, "")]
)
def test_cut(text: str, limit: int, shown: str) -> None:
    assert cut(text, limit) == shown


def test_depth_is_counted_without_recursion() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert is_deep(deep)
    assert not is_deep([[[1]], {"a": {"b": 2}}])


def test_a_secret_object_is_made_of_its_texts_and_numbers() -> None:
    secret = {"key": "abc", "pin": 1234, "list": ["x", None, True, 1.5]}
    assert list(leaves(secret)) == ["abc", "1234", "x", "1.5"]
