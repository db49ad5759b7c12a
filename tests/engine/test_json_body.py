from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.engine.errors import BadSpec
from cases.engine.json_body import parse_json_body
from cases.engine.variables import Variables

SCOPE = {
    "n": 5,
    "name": 'Al "the"\\ Ü\n',
    "yes": True,
    "nothing": None,
    "list": [1, {"a": 2}],
}


def render(text: str, scope: dict[str, Any] = SCOPE) -> str:
    return parse_json_body(text).render(Variables([("case", scope)]), "the body")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": {{n}}}', {"a": 5}),
        ('{"a": "{{n}}"}', {"a": 5}),
        ('{"a": "{{n | text}}"}', {"a": "5"}),
        ('{"a": "n{{n}}"}', {"a": "n5"}),
        ('{"a": "{{n}}{{n}}"}', {"a": "55"}),
        ('{"a": {{name}}}', {"a": SCOPE["name"]}),
        ('{"a": "{{name}}"}', {"a": SCOPE["name"]}),
        ('{"a": "Hi {{name}}!"}', {"a": f"Hi {SCOPE['name']}!"}),
        ('{"{{n}}": 1}', {"5": 1}),
        ('{"{{n}}" : 1}', {"5": 1}),
        ('{"x{{name}}": 1}', {f"x{SCOPE['name']}": 1}),
        ('["{{yes}}", {{nothing}}, "{{list}}"]', [True, None, [1, {"a": 2}]]),
        ('"{{list}}"', [1, {"a": 2}]),
        ("{{list}}", [1, {"a": 2}]),
        ('{"a": "\\"{{n}}\\""}', {"a": '"5"'}),
        ('{"a": "\\\\", "b": "{{n}}"}', {"a": "\\", "b": 5}),
        ('{"a": "{{\'{{\'}}n}}"}', {"a": "{{n}}"}),
        ('{"a": "{{$upper(\'x\')}}"}', {"a": "X"}),
        ('{"a":{"b":{}}}', {"a": {"b": {}}}),
    ],
)
def test_values_are_put_in_as_json(text: str, expected: object) -> None:
    assert json.loads(render(text)) == expected


def test_what_stands_around_placeholders_is_sent_as_written() -> None:
    assert render('{ "b" :1,\n\t"a": "{{n}}" , "b":2 }') == '{ "b" :1,\n\t"a": 5 , "b":2 }'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"a": }',
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": {{n}} {{n}}}',
        '{"a": "{{n}}',
        "[" * 99_999,
    ],
)
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(BadSpec, match="JSON body is|placeholder"):
        parse_json_body(text)


def test_the_sentence_names_line_and_column() -> None:
    with pytest.raises(BadSpec, match="line 2 column 7"):
        parse_json_body('{\n "a": ,\n}')


@given(st.text().filter(lambda text: "{{" not in text))
def test_any_text_arrives_as_it_is(text: str) -> None:
    body = '{"whole": "{{text}}", "bare": {{text}}, "part": "<{{text}}>", "{{text}}!": 1}'
    found = json.loads(
        render(
            body,
            {"text": text},
        )
    )
    if "{{" not in text:
        assert found == {"whole": text, "bare": text, "part": f"<{text}>", f"{text}!": 1}
