from __future__ import annotations

from typing import Any

import pytest

from cases.engine.spec import ExtractionSpec
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
    ("phrase", "path", "filters", "comparator"),
    [
        ("$.items | count == 2", "$.items", "count", "equals"),
        ("$.a | split(' | ') | first == x", "$.a", "split(' | ') | first", "equals"),
        ("$.a |trim | upper exists", "$.a", "trim | upper", "exists"),
        ("status | text matches ^2", "", "text", "matches"),
        ("json | count > 1", "", "count", "greater_than"),
        ('regex "a | b" | upper == A', "a | b", "upper", "equals"),
        ("certificate days_left > 30", "days_left", "", "greater_than"),
        ("certificate | keys contains issuer", "", "keys", "contains"),
        ("css ul > li == a", "ul", "", "greater_than"),
        ('css "ul > li" == a', "ul > li", "", "equals"),
    ],
)
def test_filters_stand_behind_a_path(
    phrase: str, path: str, filters: str, comparator: str
) -> None:
    read = assertion(phrase)
    assert (read.path, read.filters, read.comparator) == (path, filters, comparator)


def test_an_assertion_may_only_warn() -> None:
    read = assertion("warn not duration > 500")
    assert (read.warns, read.negated, read.source) == (True, True, "duration")


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("$.id", {"path": "$.id"}),
        ("$.id default null", {"path": "$.id", "optional": True, "default": None}),
        ("$.id default [1, 2]", {"path": "$.id", "optional": True, "default": [1, 2]}),
        ("$.id | trim default a b", {"path": "$.id", "filters": "trim", "optional": True,
                                     "default": "a b"}),
        ("secret $.token", {"path": "$.token", "secret": True}),
        ("json default {{x}}", {"optional": True, "default": "{{x}}"}),
    ],
)  # fmt: skip
def test_an_extraction_may_have_filters_a_default_and_be_secret(
    phrase: str, expected: dict[str, Any]
) -> None:
    assert extraction("x", phrase) == ExtractionSpec(name="x", source="json", **expected)


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
