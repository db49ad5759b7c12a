"""The Chinese catalogue is complete, and what pages read is what the catalogue says.

After a string was added or changed: `python -m bin.messages`, translate what it lists, and
run it again.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages import Catalog
from django.utils.translation import gettext, ngettext, override

from bin import messages

GLOSSARY = Path(messages.TOP, "docs", "decisions", "translations.md")
# %(name)s, %d, %.1f and {name}; {{name}} is a variable of a test case, hence text.
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[\d.]*[a-z]|(?<!\{)\{\w*\}(?!\})")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return messages.read()


@pytest.fixture(scope="module")
def asked_for() -> Catalog:
    return messages.template()


def keys(catalog: Catalog) -> set[tuple[tuple[str, ...], str | None]]:
    return {(messages.texts(message.id), message.context) for message in catalog if message.id}


def placeholders(text: str) -> list[str]:
    """Those with a name may change places, the others may not."""
    return sorted(PLACEHOLDER.findall(text), key=lambda one: one if "(" in one else "")


def test_every_string_of_the_code_and_of_unfold_is_in_the_catalogue(catalog, asked_for) -> None:
    missing = sorted(key[0] for key in keys(asked_for) - keys(catalog))
    assert not missing, "run `python -m bin.messages` and translate what it lists"


def test_the_catalogue_holds_nothing_that_nobody_asks_for(catalog, asked_for) -> None:
    left_over = sorted(key[0] for key in keys(catalog) - keys(asked_for))
    assert not left_over, "run `python -m bin.messages`"


def test_every_string_is_translated_and_none_is_a_guess(catalog) -> None:
    assert not [message.id for message in messages.untranslated(catalog)]


def test_a_translation_has_the_placeholders_of_its_string(catalog) -> None:
    differing = []
    for message in catalog:
        if not message.id:
            continue
        # Chinese has one form for every number: that of the English plural.
        expected = placeholders(messages.texts(message.id)[-1])
        for text in messages.texts(message.string):
            if placeholders(text) != expected:
                differing.append((message.id, text))
    assert not differing


def test_the_compiled_catalogue_is_what_the_catalogue_compiles_to(catalog) -> None:
    message = "run `python -m bin.messages`"
    assert messages.MO.read_bytes() == messages.compiled(catalog), message


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("a lazy string of a model", "default environment"),
        ("a string in a function", "There is no module “%s”."),
        ("a plural", "%d run is cancelled."),
        ("a template", "Where it ran"),
        ("a block of a template", "last %(n)s runs"),
        ("a comparator, which the engine knows without Django", "is greater than"),
        ("a template of unfold", "Type to search"),
        ("a Python file of unfold", "Date from"),
    ],
)
def test_strings_are_found_in(asked_for, place, text) -> None:
    assert text in {message_texts[0] for message_texts, _context in keys(asked_for)}, place


def test_what_djangos_own_catalogue_says_of_unfold_is_not_said_again(asked_for) -> None:
    assert "Log out" not in {message_texts[0] for message_texts, _context in keys(asked_for)}


def test_pages_read_the_catalogue() -> None:
    with override("zh-hans"):
        assert gettext("Type to search") == "输入以搜索"
        assert ngettext("%d run is cancelled.", "%d runs are cancelled.", 2) % 2 == (
            "已取消 2 个运行。"
        )


def test_a_word_of_testhub_has_one_word_in_chinese(catalog) -> None:
    rows = re.findall(r"^\| ([a-z]+) \| (\S+) \|$", GLOSSARY.read_text(encoding="utf-8"), re.M)
    chosen = dict(rows)
    assert len(chosen) == len(rows) > 20
    assert len(set(chosen.values())) == len(rows)
    for word, chinese in chosen.items():
        for form in (word, f"{word}s"):  # “Finished” is a time, over a column
            message = catalog.get(form)
            assert message is None or message.string == chinese, form
