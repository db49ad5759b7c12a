from __future__ import annotations

from typing import Any

import pytest

from cases.importers.phrases import BadPhrase, assertion, extraction


@pytest.mark.parametrize(
    ("phrase", "source", "path", "comparator", "negated", "expected"),
    [
        ("status == 200", "status", "", "equals", False, 200),
        ("status != 200", "status", "", "equals", True, 200),
        ("not status != 200", "status", "", "equals", False, 200),
        ('json $.id == "200"', "json", "$.id", "equals", False, "200"),
        ("$.id exists", "json", "$.id", "exists", False, None),
        ("not $.id exists", "json", "$.id", "exists", True, None),
        ("json is_type object", "json", "", "is_type", False, "object"),
        ("duration < 500", "duration", "", "less_than", False, 500),
        ("$.ok == true", "json", "$.ok", "equals", False, True),
        ("$.gone == null", "json", "$.gone", "equals", False, None),
        ("$.a == {{token}}", "json", "$.a", "equals", False, "{{token}}"),
        ("$.a == NaN", "json", "$.a", "equals", False, "NaN"),
        ("$.a is_in [1, 2]", "json", "$.a", "is_in", False, [1, 2]),
        ("body contains a  b", "body", "", "contains", False, "a  b"),
        ("header X-A contains json", "header", "X-A", "contains", False, "json"),
        (
            "$.items[?@.n == 'a ] b' && @.p > 3].id == 4",
            *("json", "$.items[?@.n == 'a ] b' && @.p > 3].id", "equals", False, 4),
        ),
        (
            r'regex "say \"(\w+) you\"" == it',
            *("regex", r'say "(\w+) you"', "equals", False, "it"),
        ),
    ],
)
def test_an_assertion_in_one_line(
    phrase: str, source: str, path: str, comparator: str, negated: bool, expected: Any
) -> None:
    read = assertion(phrase)
    assert (read.source, read.path) == (source, path)
    assert (read.comparator, read.negated) == (comparator, negated)
    assert read.expected == expected
    assert type(read.expected) is type(expected)


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("statu == 200", "“statu” is none"),
        ("status", "has no comparator"),
        ("status is 200", "“is” is none"),
        ("status ==", "does not say what is expected"),
        ("$.id exists 5", "nothing may follow exists"),
        ("header", "does not say which header"),
        ("", "no known source"),
    ],
)
def test_a_phrase_that_cannot_be_read_says_why(phrase: str, sentence: str) -> None:
    with pytest.raises(BadPhrase, match=sentence):
        assertion(phrase)


@pytest.mark.parametrize(
    ("phrase", "source", "path"),
    [
        ("$.token", "json", "$.token"),
        ("$['a b'][0]", "json", "$['a b'][0]"),
        ("header Location", "header", "Location"),
        ('regex "id = (\\d+)"', "regex", "id = (\\d+)"),
        ("status", "status", ""),
    ],
)
def test_an_extraction_in_one_line(phrase: str, source: str, path: str) -> None:
    read = extraction("x", phrase)
    assert (read.name, read.source, read.path) == ("x", source, path)


def test_an_extraction_has_no_expectation() -> None:
    with pytest.raises(BadPhrase, match="“== 3” is too much"):
        extraction("x", "$.id == 3")
