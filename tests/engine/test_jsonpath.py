"""JSONPath as RFC 9535 has it; plain paths take a short cut and must mean the same."""

from __future__ import annotations

import time
from typing import Any

import jsonpath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.engine.errors import BadSpec, CannotJudge
from cases.engine.jsonpaths import compile_jsonpath, find_json

STORE: Any = {
    "store": {
        "book": [
            {"category": "reference", "author": "Rees", "price": 8.95},
            {"category": "fiction", "author": "Waugh", "price": 12.99},
            {"category": "fiction", "author": "Melville", "isbn": "0-553", "price": 8.99},
            {"category": "fiction", "author": "Tolkien", "isbn": "0-395", "price": 22.99},
        ],
        "bicycle": {"color": "red", "price": 399},
    },
    "o": {"j j": {"k.k": 3}, "'": {"@": 2}, "ü": 1, "": 0},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.store.book[*].author", ["Rees", "Waugh", "Melville", "Tolkien"]),
        ("$..author", ["Rees", "Waugh", "Melville", "Tolkien"]),
        ("$.store..price", [8.95, 12.99, 8.99, 22.99, 399]),
        ("$..book[2].author", ["Melville"]),
        ("$..book[-1].author", ["Tolkien"]),
        ("$..book[0,1].author", ["Rees", "Waugh"]),
        ("$..book[:2].author", ["Rees", "Waugh"]),
        ("$..book[::-2].author", ["Tolkien", "Waugh"]),
        ("$..book[?@.isbn].author", ["Melville", "Tolkien"]),
        ("$..book[?@.price<10].author", ["Rees", "Melville"]),
        ("$..book[?@.price<10 && !@.isbn].author", ["Rees"]),
        ("$..book[?@.price==$.store.bicycle.price]", []),
        ("$..book[?length(@.author)==4].author", ["Rees"]),
        ("$..book[?match(@.author, 'M.*')].author", ["Melville"]),
        ("$..book[?search(@.author, 'l')].author", ["Melville", "Tolkien"]),
        ("$..book[?count(@.*)==4].author", ["Melville", "Tolkien"]),
        ("$..book[?value(@.price)>20].author", ["Tolkien"]),
        ("$.o['j j']['k.k']", [3]),
        ('$["o"]["\'"]["@"]', [2]),
        ("$.o.ü", [1]),
        ("$.o['\\u00fc']", [1]),
        ("$.o['']", [0]),
        ("$.store.book[9]", []),
        ("$.store.book['0']", []),
        ("$.store.bicycle[0]", []),
        ("$", [STORE]),
    ],
)
def test_path(path: str, found: list[Any]) -> None:
    assert compile_jsonpath(path)(STORE) == found


@pytest.mark.parametrize(
    "path",
    [
        "",
        " ",
        "store",
        "$.",
        "$..",
        "$.store.",
        "$.a b",
        "$[",
        "$[]",
        "$['a",
        "$['a',]",
        "$[1:2:3:4]",
        "$[01]",
        "$[-0]",
        "$[9007199254740992]",
        "$.-a",
        "$.1a",
        "$[?@.a == 1 &&]",
        "$[?@.a = 1]",
        "$[?@.a == 'x]",
        "$[?nope(@.a)]",
        "$[?length(@.a)]",
        "$[?@.*==1]",
        "$.a.~",
        "$^",
        "$ ",
        " $",
        "$.a | $.b",
        "$[?@.a in [1]]",
        "$[?@.a =~ /x/]",
    ],
)
def test_what_is_no_jsonpath_is_refused(path: str) -> None:
    with pytest.raises(BadSpec, match="is not valid"):
        compile_jsonpath(path)


def test_a_path_that_would_take_minutes_is_an_error() -> None:
    document = {"a": [{"b": number} for number in range(2_000)]}
    began = time.monotonic()
    with pytest.raises(CannotJudge, match="took longer than 2 s"):
        find_json("$..[?count($..*) > 5]", document)
    assert time.monotonic() - began < 3 * 3 + 2
    assert find_json("$.a[?@.b == 1999].b", document) == 1999


def test_a_text_has_nothing_inside_it() -> None:
    assert compile_jsonpath("$[*]")("[1]") == []


names = st.text(alphabet="ab_1", min_size=1, max_size=3)
segments = st.one_of(
    names.filter(lambda name: not name[0].isdigit()).map(".{}".format),
    names.map("['{}']".format),
    st.integers(0, 3).map("[{}]".format),
)
documents = st.recursive(
    st.integers(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)
    ),
    max_leaves=8,
)


@given(path=st.lists(segments, max_size=4).map("".join), document=documents)
def test_the_short_cut_finds_what_the_library_finds(path: str, document: Any) -> None:
    strict = jsonpath.JSONPathEnvironment(strict=True)
    assert compile_jsonpath(f"${path}")(document) == strict.findall(f"${path}", document)
