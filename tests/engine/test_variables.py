from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.engine.errors import CannotRender
from cases.engine.templates import parse
from cases.engine.variables import Variables


def value(text: str, *scopes: dict[str, Any], **options: Any) -> Any:
    variables = Variables([(str(n), scope) for n, scope in enumerate(scopes)], **options)
    return variables.value(parse(text), "the URL")


def test_a_use_names_the_narrowest_scope_and_the_last_value() -> None:
    variables = Variables([("global", {"a": 1, "b": "{{a}}"}), ("case", {"a": 2})])
    assert variables.uses() == ()
    variables.value(parse("{{b}}"), "the URL")
    variables.keep("a", 3)
    assert variables.value(parse("{{b}}"), "the URL") == 3
    found = {use.name: (use.scope, use.value) for use in variables.uses()}
    assert found == {"b": ("global", 3), "a": ("extracted", 3)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{n}}", 5),
        ("{{ n }}", 5),
        ("{{f}}", 1.5),
        ("{{yes}}", True),
        ("{{nothing}}", None),
        ("{{list}}", [1, "a"]),
        ("{{text}}", "5"),
        ("n={{n}}", "n=5"),
        ("{{n}}{{n}}", "55"),
        ("{{yes}}!", "true!"),
        ("{{nothing}}!", "null!"),
        ("{{list}}!", '[1,"a"]!'),
        ("{{f}}!", "1.5!"),
        ("{{n | text}}", "5"),
        ("{{text | number}}", 5),
        ("{{text | base64}}", "NQ=="),
        ("{{$upper(word)}}", "WORD"),
        ("{{'{{'}}n}}", "{{n}}"),
    ],
)
def test_one_placeholder_keeps_its_type_and_more_become_text(
    text: str, expected: object
) -> None:
    scope = {
        "n": 5,
        "f": 1.5,
        "yes": True,
        "nothing": None,
        "list": [1, "a"],
        "text": "5",
        "word": "word",
    }
    found = value(text, scope)
    assert found == expected
    assert type(found) is type(expected)


def test_the_narrowest_scope_wins() -> None:
    assert (
        value("{{a}}{{b}}{{c}}", {"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 2}, {"a": 3}) == "321"
    )


def test_a_wide_value_sees_narrow_ones() -> None:
    assert value("{{path}}", {"path": "/users/{{id}}"}, {"id": 7}) == "/users/7"


def test_values_inside_lists_and_objects_are_rendered_with_their_types() -> None:
    scope = {"n": 5, "body": {"id": "{{n}}", "{{n}}": ["a{{n}}", {"deep": "{{n}}"}]}}
    assert value("{{body}}", scope) == {"id": 5, "5": ["a5", {"deep": 5}]}


def test_an_undefined_variable_names_itself_and_the_place() -> None:
    with pytest.raises(CannotRender, match=r"^Variable \{\{x\}\} in the URL has no value\.$"):
        value("{{x}}")


def test_an_undefined_variable_inside_a_variable_names_both_places() -> None:
    with pytest.raises(CannotRender) as caught:
        value("{{a}}", {"a": "{{x}}"})
    assert str(caught.value) == "Variable {{x}} in variable a (used in the URL) has no value."


def test_a_cycle_is_an_error_that_shows_the_way() -> None:
    with pytest.raises(CannotRender, match=r"refers to itself: a -> b -> c -> a"):
        value("{{a}}", {"a": "{{b}}", "b": "x{{c}}", "c": ["{{a}}"]})


def test_endless_chains_are_an_error() -> None:
    chain = {f"v{number}": f"{{{{v{number + 1}}}}}" for number in range(1_000)}
    with pytest.raises(CannotRender, match="too deeply"):
        value("{{v0}}", chain)


def test_a_variable_has_one_value_in_an_attempt() -> None:
    variables = Variables([("case", {"id": "{{$uuid}}", "path": "/{{id}}"})])
    first = variables.value(parse("{{id}}"), "")
    assert variables.value(parse("{{path}}"), "") == f"/{first}"
    assert variables.narrowed().value(parse("{{id}}"), "") != first


def test_an_extracted_value_wins_and_refreshes_what_was_made_of_the_old_one() -> None:
    variables = Variables([("case", {"token": "old", "header": "Bearer {{token}}"})])
    assert variables.value(parse("{{header}}"), "") == "Bearer old"
    variables.keep("token", "new")
    assert variables.value(parse("{{header}}"), "") == "Bearer new"
    variables.keep("header", "extracted")
    assert variables.value(parse("{{header}}"), "") == "extracted"


pieces = st.sampled_from(
    [
        "{{",
        "}}",
        "a",
        "b",
        "$uuid",
        "$",
        "|",
        "base64",
        "nth",
        "(",
        ")",
        "'",
        '"',
        "1",
        ",",
        " ",
    ]
) | st.text(max_size=2)
texts = st.lists(pieces, max_size=12).map("".join)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@given(value=json_values, a=json_values, b=texts, extracted=json_values)
def test_rendering_raises_nothing_but_its_own_error(
    value: Any, a: Any, b: str, extracted: Any
) -> None:
    variables = Variables([("global", {"a": a}), ("case", {"b": b})], secrets=[b])
    for _ in range(2):
        try:
            variables.render(value, "a test")
        except CannotRender as error:
            assert str(error)
        variables.keep("a", extracted)


def test_an_extracted_value_is_never_evaluated() -> None:
    variables = Variables([("case", {"secret": "s", "outer": "<{{answer}}>"})])
    variables.keep("answer", "{{secret}} {{$uuid}} {{")
    assert variables.value(parse("{{answer}}"), "") == "{{secret}} {{$uuid}} {{"
    assert variables.value(parse("{{outer}}"), "") == "<{{secret}} {{$uuid}} {{>"


def test_a_secret_is_taken_literally() -> None:
    assert value("{{pw}}", {"pw": "a{{b"}, secrets=["a{{b"]) == "a{{b"


def test_what_one_attempt_extracts_the_next_does_not_see() -> None:
    shared = Variables([("case", {})])
    shared.narrowed().keep("a", 1)
    with pytest.raises(CannotRender):
        shared.narrowed().value(parse("{{a}}"), "")


@pytest.mark.parametrize("error", [ValueError, SystemExit, RuntimeError, GeneratorExit])
def test_a_function_that_raises_is_an_error_with_its_reason(
    error: type[BaseException],
) -> None:
    def broken() -> None:
        raise error("out of order")

    with pytest.raises(
        CannotRender, match=r"Function \$broken in the URL failed: out of order\."
    ):
        value("{{$broken}}", functions={"broken": broken})


def test_ctrl_c_gets_through_a_function() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        value("{{$interrupted}}", functions={"interrupted": interrupted})


def test_an_unknown_function_is_named() -> None:
    with pytest.raises(CannotRender, match=r"\$nope in the URL failed: there is no such"):
        value("{{$nope}}")


def test_a_function_with_wrong_arguments_says_so() -> None:
    with pytest.raises(CannotRender, match=r"\$random_int in the URL failed"):
        value("{{$random_int(1, 2, 3)}}")
