"""The documentation speaks of what is there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from unittest import mock

import pytest

from bin.setup import requirements
from testhub import env

TOP = Path(__file__).resolve().parent.parent
PAGES = sorted([*TOP.glob("*.md"), *TOP.glob("docs/**/*.md"), *TOP.glob("demo/**/*.md")])


def _settings() -> set[str]:
    """The names that testhub/settings.py looks up, recorded while it is read."""
    asked = set()
    look_up = env._look_up

    def recorded(name: str) -> str | None:
        asked.add(name)
        return look_up(name)

    with mock.patch.object(env, "_look_up", recorded):
        runpy.run_path(str(TOP / "testhub" / "settings.py"))
    return {name for name in asked if not name.endswith("_FILE")}


SETTINGS = _settings()


def read(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_every_link_to_a_file_leads_somewhere(page) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    broken = [link for link in links if not (page.parent / link).exists()]
    assert not broken


def test_the_settings_page_lists_exactly_the_settings_there_are() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", read("docs/reference/settings.md"), re.M)
    assert sorted(rows) == sorted(set(rows))
    assert set(rows) == SETTINGS


def test_the_example_file_names_only_settings_there_are() -> None:
    assert set(re.findall(r"^#?([A-Z_]+)=", read(".env.example"), re.M)) <= SETTINGS


def test_every_dependency_has_a_reason_and_a_pin() -> None:
    reasons = read("docs/decisions/dependencies.md")
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in requirements(TOP / name):
            package, equals, version = line.partition("==")
            assert equals, line
            assert version, line
            assert re.search(rf"^\|.*\b{re.escape(package)}\b.*\|", reasons, re.M), package


def test_make_help_names_every_target_that_people_type() -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", read("Makefile"), re.M))
    assert targets == {"help", "setup", "demo", "up", "test", "check", "bench", "proof", "fuzz"}
