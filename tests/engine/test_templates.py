from __future__ import annotations

import pytest

from cases.engine.errors import BadSpec
from cases.engine.templates import Call, Literal, Name, parse


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("plain", ("plain",)),
        ("{{name}}", (Name("name"),)),
        ("a {{ name }} b", ("a ", Name("name"), " b")),
        ("{{a}}{{b}}", (Name("a"), Name("b"))),
        ("{{用户.name-1}}", (Name("用户.name-1"),)),
        ("{{$uuid}}", (Call("uuid", ()),)),
        ("{{$uuid()}}", (Call("uuid", ()),)),
        ("{{$f(1, -2.5)}}", (Call("f", (Literal(1), Literal(-2.5))),)),
        ("{{$f('a', \"b\")}}", (Call("f", (Literal("a"), Literal("b"))),)),
        ("{{$f('it\\'s')}}", (Call("f", (Literal("it's"),)),)),
        (
            "{{$f(true, false, null)}}",
            (Call("f", (Literal(True), Literal(False), Literal(None))),),
        ),
        ("{{$f(name)}}", (Call("f", (Name("name"),)),)),
        ("{{$f($g(1))}}", (Call("f", (Call("g", (Literal(1),)),)),)),
        ("{{name | base64}}", (Call("base64", (Name("name"),)),)),
        ("{{name|f(2)|g}}", (Call("g", (Call("f", (Name("name"), Literal(2))),)),)),
        ("{{'{{'}}name}}", (Literal("{{"), "name}}")),
        ("{{'}}'}}", (Literal("}}"),)),
        ("{{{name}}}", ("{", Name("name"), "}")),
        ('{"a":{"b":1}}', ('{"a":{"b":1}}',)),
        ("{ {name} }", ("{ {name} }",)),
        ("{{\n name \n}}", (Name("name"),)),
    ],
)
def test_a_text_is_cut_at_its_placeholders(text: str, parts: tuple[object, ...]) -> None:
    assert parse(text).parts == parts


@pytest.mark.parametrize(
    "text",
    [
        "{{",
        "{{name",
        "{{}}",
        "{{ }}",
        "{{a b}}",
        "{{1name}}",
        "{{name.}} {{",
        "{{$}}",
        "{{$f(}}",
        "{{$f(1,)}}",
        "{{$f(1 2)}}",
        "{{name |}}",
        "{{name | 5}}",
        "{{name | 'text'}}",
        "{{'open}}",
        "{{a+b}}",
        "{{a[0]}}",
        "{{a.__class__()}}",
        "{{ {{a}} }}",
    ],
)
def test_what_is_no_placeholder_is_refused(text: str) -> None:
    with pytest.raises(BadSpec):
        parse(text)


def test_the_sentence_tells_how_to_write_braces() -> None:
    with pytest.raises(BadSpec, match=r"write \{\{'\{\{'\}\}"):
        parse("Hello {{ world")


def test_a_megabyte_of_braces_is_refused_at_once() -> None:
    with pytest.raises(BadSpec):
        parse("{{" * 500_000)
