"""The reference pages name everything that can be used, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import pytest

from cases.engine.auth.kinds import AUTH_KINDS
from cases.engine.auth.words import WORDS
from cases.engine.bodies import BODY_KINDS
from cases.engine.comparators import COMPARATORS
from cases.engine.extract import SOURCES
from cases.engine.functions import FUNCTIONS

PAGES = Path(__file__).parents[2] / "docs" / "reference"


def named(page: str, heading: str) -> set[str]:
    """The names in the first column of the table under a heading."""
    section = (PAGES / page).read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)", row)}


@pytest.mark.parametrize(
    ("page", "heading", "names"),
    [
        ("assertions.md", "Sources", SOURCES),
        ("assertions.md", "Comparators", COMPARATORS),
        ("auth.md", "Schemes", AUTH_KINDS),
        ("requests.md", "Bodies", BODY_KINDS),
        ("variables.md", "Functions and filters", FUNCTIONS),
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


def test_every_word_of_a_rule_is_described() -> None:
    page = (PAGES / "auth.md").read_text()
    assert [word for word in WORDS if f"`{{{word}}}`" not in page] == []
