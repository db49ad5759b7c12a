"""The reference pages name everything that can be used, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path

import pytest

from cases.engine.auth import words
from cases.engine.auth.kinds import AUTH_KINDS
from cases.engine.bodies import BODY_KINDS
from cases.engine.comparators import COMPARATORS
from cases.engine.extract import SOURCES
from cases.engine.fakes import KINDS
from cases.engine.filters import FILTERS
from cases.engine.formats import FORMATS
from cases.engine.functions import FUNCTIONS
from cases.engine.placeholders import WORDS
from cases.engine.resend import REASONS
from cases.engine.structure import OPTIONS
from cases.engine.templates import parse
from cases.engine.values import TYPES
from cases.engine.variables import Variables

PAGES = Path(__file__).parents[2] / "docs" / "reference"


def named(page: str, heading: str) -> set[str]:
    """The names in the first column of the table under a heading."""
    section = (PAGES / page).read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)", row)}


@pytest.mark.parametrize(
    ("page", "heading", "names"),
    [
        ("sources.md", "Sources", SOURCES),
        ("sources.md", "Filters", FILTERS),
        ("comparators.md", "Comparators", COMPARATORS),
        ("comparators.md", "Formats", FORMATS),
        ("auth.md", "Schemes", AUTH_KINDS),
        ("requests.md", "Bodies", BODY_KINDS),
        ("waiting.md", "Three ways to ask again", REASONS),
        ("variables.md", "Functions", FUNCTIONS.keys() - FILTERS.keys()),
    ],
)
def test_the_page_lists_them_all(page: str, heading: str, names: Collection[str]) -> None:
    assert named(page, heading) == set(names)


def test_every_field_of_every_scheme_is_described() -> None:
    page = (PAGES / "auth.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*?)\|", page, re.MULTILINE))
    for name, kind in AUTH_KINDS.items():
        without_choices = re.sub(r"\(.*?\)", "", rows[name])
        described = re.findall(r"`(\w+)`", without_choices)
        assert described == [field.name for field in kind.fields]


def test_every_kind_of_made_up_data_is_described() -> None:
    section = (PAGES / "variables.md").read_text().split("### Made-up data")[1].split("##")[0]
    table = re.findall(r"^\| [a-z ]+ \| (`.*) \|$", section, re.MULTILINE)
    described = [kind for row in table for kind in re.findall(r"`(\w+)`", row)]
    assert sorted(described) == sorted(KINDS)


def test_every_word_of_a_rule_is_described() -> None:
    page = (PAGES / "auth.md").read_text()
    assert [word for word in words.WORDS if f"`{{{word}}}`" not in page] == []


# --- every row of a table is an example that holds -----------------------------------------

SCOPE = {
    "list": ["b", "a", "b"],
    "orders": [{"id": 7, "price": 1.5}, {"id": 8, "price": 2.5}],
    "two_lines": "first\nsecond",
    "redirects": [{"status": 302, "url": "/", "location": "/next"}],
    "token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.",
}


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of every row of the table under a heading, without its first."""
    section = (PAGES / page).read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    table = re.findall(r"^\| (`.*) \|$", section, re.MULTILINE)
    return [
        [cell.replace("\\|", "|") for cell in re.split(r" (?<!\\)\|(?: |$)", row)]
        for row in table
    ]


def spans(cell: str) -> list[str]:
    return re.findall(r"`([^`]*)`", cell)


@pytest.mark.parametrize(
    ("example", "gives"),
    [
        pair
        for _name, example, gives in rows("sources.md", "Filters")
        for pair in zip(spans(example), spans(gives), strict=True)
    ],
)
def test_a_filter_gives_what_the_page_says(example: str, gives: str) -> None:
    found = Variables([("docs", SCOPE)]).value(parse(f"{{{{{example}}}}}"), "the page")
    assert found == json.loads(gives)
    assert type(found) is type(json.loads(gives))


def test_every_filter_stands_in_its_own_example() -> None:
    for name, example, _gives in rows("sources.md", "Filters"):
        word = re.findall(r"\w+", name)[0]
        assert all(re.search(rf"\| {word}\b", one) for one in spans(example)), name


@pytest.mark.parametrize(
    ("comparator", "example", "holds"),
    [
        (spans(name)[0], cell, holds)
        for name, _when, *cells in rows("comparators.md", "Comparators")
        for cell, holds in zip(cells, (True, False), strict=True)
        if cell
    ],
)
def test_a_comparator_holds_as_the_page_says(
    comparator: str, example: str, holds: bool
) -> None:
    actual, expected = [*map(json.loads, spans(example)), None][:2]
    known = COMPARATORS[comparator]
    prepared = known.prepare(expected) if known.prepare else expected
    assert known.check(actual, prepared) is holds


@pytest.mark.parametrize(("name", "example", "other"), rows("comparators.md", "Formats"))
def test_a_format_is_what_the_page_says(name: str, example: str, other: str) -> None:
    fits = FORMATS[spans(name)[0]]
    assert fits(spans(example)[0])
    assert not fits(spans(other)[0])


def test_every_placeholder_of_a_structure_is_described() -> None:
    described = {
        word
        for name, _meaning in rows("comparators.md", "Structure")
        for word in re.findall(r"`##?(\w+)", name)
    }
    assert described >= {*WORDS, *TYPES, "regex", *(one.removeprefix("#") for one in OPTIONS)}
