"""Chains of filters: what they refuse, what they do not find. Examples stand on the page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.engine.chain import apply, compile_chain
from cases.engine.errors import BadSpec, CannotJudge, CannotRender, EngineError
from cases.engine.filters import FILTERS
from cases.engine.patterns import Nothing
from cases.engine.templates import parse
from cases.engine.variables import Variables

VARIABLES = Variables([("case", {"sep": ",", "n": 1, "zone": "Asia/Shanghai"})])


def filtered(value: Any, chain: str) -> Any:
    return apply(compile_chain(chain, "a test"), value, VARIABLES, "a test")


@pytest.mark.parametrize(
    ("value", "chain", "result"),
    [
        ("a,b", "split(sep) | nth(n)", "b"),
        ("a|b", "split('|')|last", "b"),
        ("it's", "replace('\\'', '\"')", 'it"s'),
        (r"C:\new", r"split('\\') | last", "new"),
        ("tel 12-34", r"regex('(\d+)-') | integer", 12),
        ([1, 1.0, True, "1"], "unique", [1, True, "1"]),
        ({"a": 1, "b": 2}, "count", 2),
        ("ü", "count", 1),
        (b"\xff\x00", "hex", "ff00"),
        (b"\xff\x00", "count", 2),
        (b"\xff\x00", "base64", "/wA="),
        (b"\xff\x00", "sha256 | slice(0, 6)", "ea5dbf"),
        (b"\xc4\xe3", "decode('gbk')", "你"),
        ("[1]", "jsonpath('$[0]')", 1),
        ([{"a": 1}, {"b": 2}], "map('a')", [1]),
        ("12345678901234567890123", "number", 12345678901234567890123),
        (-1.9, "integer", -1),
        (2.5, "round", 2),
        (1234.5, "round(-2)", 1200.0),
        ("2026-11-23T12:42:18.5+01:00", "to_date", "2026-11-23T11:42:18.500000Z"),
        (1.5, "to_date | unix_time", 1.5),
        (1_500_500, "divided_by(1000) | to_date", "1970-01-01T00:25:00.500000Z"),
        ("2026-11-23 08:00", "to_date('%Y-%m-%d %H:%M', zone)", "2026-11-23T00:00:00Z"),
        ("2026-11-23T08:00:00+09:00", "to_date(null, zone)", "2026-11-22T23:00:00Z"),
        ("2026-11-23", "shift(-1, 'years')", "2025-11-23T00:00:00Z"),
        ("2024-02-29", "shift(12, 'months')", "2025-02-28T00:00:00Z"),
        ("2026-11-23", "shift(2, 'weeks')", "2026-12-07T00:00:00Z"),
        (7, "divided_by(7)", 1),
        (0.3, "minus(0.1)", 0.2),
        ("1" * 400, "number | text | count", 400),
        ("9" * 4_000, "times(9.5)", Nothing),
        ("9" * 4_000, "integer | float", Nothing),
        ("9" * 4_000, "json | from_json | times(10) | abs | text | count", 4_001),
        (1, "divided_by(0)", Nothing),
        (1, "plus('x')", Nothing),
        ("0001-01-01", "shift(-1)", Nothing),
        ("0001-01-01", "date_format('%Y', '-08:00')", Nothing),
        ("2026-11-23", "shift('a')", CannotJudge),
        ("2026-11-23", "date_format('%Y', 'Mars/Olympus')", CannotJudge),
        ("b=1&c=2", "query_param('b')", Nothing),
        ("/?b=", "query_param('b')", ""),
        ("a", "uuid | count", BadSpec),
        ("", "first", Nothing),
        ([], "first", Nothing),
        ([1], "nth(1)", Nothing),
        ([1], "nth(-2)", Nothing),
        ([], "max", Nothing),
        ([1, "a"], "sort", Nothing),
        ("abc", "number", Nothing),
        ("NaN", "number", Nothing),
        (True, "number", Nothing),
        (None, "trim | integer", Nothing),
        ("abc", "regex('x') | upper", Nothing),
        ("{", "from_json", Nothing),
        ("[" * 100_000, "from_json", Nothing),
        ("é", "encode('ascii')", Nothing),
        ([1], "encode", Nothing),
        ("!", "base64_decode", Nothing),
        ("/w==", "base64_decode", Nothing),
        ("c4e", "hex_bytes", Nothing),
        ("soon", "to_date", Nothing),
        ("0001-01-01T00:00:00+14:00", "unix_time", Nothing),
        (10**30, "to_date", Nothing),
        ("31.02.2026", "to_date('%d.%m.%Y')", Nothing),
        ("a.b", "jwt", Nothing),
        ("a.b.c", "jwt", Nothing),
        ({"status": 302}, "location", Nothing),
        (5, "keys", Nothing),
        ("a", "split('')", CannotJudge),
        ("a", "split(1)", CannotJudge),
        ([1], "nth('a')", CannotJudge),
        ([1], "nth(1.5)", CannotJudge),
        ("a", "replace('', 'b')", CannotJudge),
        ("a", "regex(1)", CannotJudge),
        ("a", "regex('(')", BadSpec),
        ([1], "jsonpath('a')", BadSpec),
        ("a", "encode('klingon')", CannotJudge),
        ("a", "encode('base64')", CannotJudge),
        ("a", "jwt('signature')", CannotJudge),
        ("a", "replace_regex('a', '$2')", CannotJudge),
        ("a" * 64 + "!", "regex('(a|a)+$')", CannotJudge),
        ("a" * 100_000, f"replace('a', '{'b' * 1_000}')", CannotJudge),
        ("a" * 100_000, f"replace_regex('a', '{'b' * 1_000}')", CannotJudge),
        ("é" * 3_000_000, "url_encode | url_encode | url_encode", EngineError),
    ],
)
def test_chain(value: Any, chain: str, result: Any) -> None:
    if result is Nothing:
        found = filtered(value, chain)
        assert isinstance(found, Nothing)
        assert found.reason
    elif isinstance(result, type):
        with pytest.raises(EngineError) as raised:
            filtered(value, chain)
        cause = raised.value.__cause__
        assert isinstance(raised.value, result) or isinstance(cause, result)
    else:
        found = filtered(value, chain)
        assert found == result
        assert type(found) is type(result)


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        ("nope", "There is no filter nope"),
        ("trim |", "the name of a filter is missing"),
        ("| trim", "the name of a filter is missing"),
        ("trim trim", "something follows that does not belong there"),
        ("split", "missing a required argument: 'separator'"),
        ("trim(1)", "too many positional arguments"),
        ("split(','", "a closing parenthesis is missing"),
        ("$trim", "the name of a filter is missing"),
        ("{{x}}", "'{{x}}' has no meaning here"),
    ],
)
def test_a_chain_that_cannot_be_read_says_why(chain: str, words: str) -> None:
    with pytest.raises(BadSpec) as raised:
        compile_chain(chain, "assertion 1")
    assert words in str(raised.value)
    assert "assertion 1" in str(raised.value)


def test_what_finds_nothing_behind_a_source_is_an_error_in_a_placeholder() -> None:
    with pytest.raises(CannotRender, match="Function \\$nth in here failed: a list of 1 has"):
        VARIABLES.value(parse("{{sep | split('+') | nth(3) | upper}}"), "here")


def test_bytes_become_hexadecimal_at_the_end_of_a_placeholder() -> None:
    assert VARIABLES.value(parse("{{'你' | encode('gbk')}}"), "here") == "c4e3"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
arguments = st.lists(
    st.none() | st.integers(-9, 9) | st.sampled_from(["", "a", "%Y", "$", "//a", "(", "gbk"]),
    max_size=2,
)


@given(
    value=values, name=st.sampled_from(sorted(FILTERS)), arguments=arguments, more=st.booleans()
)
def test_no_filter_raises_anything_but_its_own_error(
    value: Any, name: str, arguments: list[Any], more: bool
) -> None:
    written = ", ".join(json.dumps(argument).replace('"', "'") for argument in arguments)
    chain = f"{name}({written})" + (" | json | upper" if more else "")
    try:
        filtered(value, chain)
    except EngineError as error:
        assert str(error).endswith(".")
