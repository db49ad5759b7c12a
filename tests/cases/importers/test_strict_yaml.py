from __future__ import annotations

from typing import Any

import pytest

from cases.importers.strict_yaml import MAX_DEPTH, BadYaml, load


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-1.5e3", -1500.0),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("007", "007"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("12:30:45", "12:30:45"),
        ("2026-01-31", "2026-01-31"),
        (".inf", ".inf"),
        ("=", "="),
        ("<<: 1", {"<<": 1}),
        ("9" * 500, "9" * 500),
        ("200: a\nnull: b", {"200": "a", "null": "b"}),
        ("[a, {b: [1, 'x']}]", ["a", {"b": [1, "x"]}]),
        ("|\n a\n b\n", "a\nb\n"),
    ],
)
def test_plain_scalars_mean_what_they_mean_in_json(text: str, value: Any) -> None:
    loaded = load(text)
    assert loaded == value
    assert type(loaded) is type(value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb: 2\na: 3", "line 3: the key “a” stands here twice"),
        ("a: &x 1", "line 1: anchors"),
        ("a: *x", "line 1: anchors"),
        ("a: !!python/object:os.system b", "line 1: the tag"),
        ("a: !!str 1", "line 1: the tag"),
        ("a: {{token}}", "put a value with {{…}} in quotes"),
        ("--- 1\n--- 2", "line 2: a second document"),
        ("a: [1", "did not find expected"),
        ("a: \x07", "control characters are not allowed"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "nested more than"),
        ("[" * 200_000, "nested more than"),
    ],
)
def test_surprises_are_refused_with_their_line(text: str, sentence: str) -> None:
    with pytest.raises(BadYaml) as refused:
        load(text)
    assert sentence in str(refused.value)
