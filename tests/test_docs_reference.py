"""docs/reference names every command, option, route, parameter and error there is.

The truth is asked from the parsers, the routes and the answers themselves.
"""

from __future__ import annotations

import json
import re
import shlex
from argparse import ArgumentParser
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import BaseCommand, get_commands, load_command_class
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from runs.api import answers
from runs.parameters import PARAMETERS
from runs.reports import result_data, run_data
from tests.factories import make_case, make_run
from tests.test_docs import SETTINGS, TOP, read

COMMANDS = {
    name: load_command_class(app, name).create_parser("manage.py", name)
    for name, app in get_commands().items()
    if app in {"testhub", "cases", "runs"}
}
COMMANDS_PAGE = read("docs/reference/commands.md")
API_PAGE = read("docs/reference/api.md")
# What a browser alone uses.
CONSOLE = ("admin/", "i18n/")
# "/" leads to the console; ninja's root only gives the API its name and answers 404.
NO_PAGES = {None, "api-root"}


def options(parser: ArgumentParser) -> set[str]:
    every = set(chain.from_iterable(action.option_strings for action in parser._actions))
    shared = BaseCommand().create_parser("manage.py", "")._actions
    return every - set(chain.from_iterable(action.option_strings for action in shared))


def section(page: str, heading: str) -> str:
    """From its heading to the next one; empty if there is none."""
    found = re.search(rf"^##+ {re.escape(heading)}$(.*?)(?=^##|\Z)", page, re.M | re.S)
    return found[1] if found else ""


def routes(patterns: list[Any], above: str = "") -> set[str]:
    found = set()
    for pattern in patterns:
        path = above + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        if path.startswith(CONSOLE):
            continue
        if isinstance(pattern, URLResolver):
            found |= routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and pattern.name not in NO_PAGES:
            found.add(f"/{path}")
    return found


# --- commands ---------------------------------------------------------------------------


def test_every_command_and_no_other_has_a_section() -> None:
    headings = re.findall(r"^##+ ([a-z_]+)$", COMMANDS_PAGE, re.M)
    assert sorted(headings) == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_is_described_with_every_option_and_its_exit_codes(name: str) -> None:
    text = section(COMMANDS_PAGE, name)
    assert set(re.findall(r"^\* `(--[\w-]+)", text, re.M)) == options(COMMANDS[name])
    assert re.search(r"^Exit code: ", text, re.M)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_samples_of_a_command_are_what_it_takes(name: str) -> None:
    samples = re.findall(rf"^python manage.py {name}\b(.*)$", COMMANDS_PAGE, re.M)
    assert samples
    for sample in samples:
        COMMANDS[name].parse_args(shlex.split(sample))


def test_commands_in_guides_are_what_they_take() -> None:
    pages = [*TOP.glob("*.md"), *TOP.glob("docs/**/*.md")]
    calls = [
        (name, arguments)
        for page in pages
        for name, arguments in re.findall(
            r"python manage\.py (\w+)((?: [^`#\n|>&]*)?)", page.read_text(encoding="utf-8")
        )
        if name in COMMANDS
    ]
    assert len(calls) > len(COMMANDS)
    for name, arguments in calls:
        COMMANDS[name].parse_args(shlex.split(arguments))


# --- HTTP -------------------------------------------------------------------------------


def test_every_route_and_no_other_has_a_section() -> None:
    headings = re.findall(r"^## `[A-Z|]+ (/\S*)`$", API_PAGE, re.M)
    assert sorted(headings) == sorted(routes(get_resolver().url_patterns))


def test_every_parameter_of_run_case_is_described() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", section(API_PAGE, "`GET|POST /run_case`"), re.M)
    assert rows == list(PARAMETERS)


def test_every_error_there_is_is_described() -> None:
    raised = set()
    for path in chain(TOP.glob("runs/*.py"), TOP.glob("testhub/*.py")):
        code = path.read_text(encoding="utf-8")
        raised |= set(re.findall(r"Refusal\(\s*(\d{3}),\s*\"(\w+)\"", code))
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", section(API_PAGE, "Errors"), re.M)
    assert raised
    assert sorted(rows) == sorted(raised)


def test_the_addresses_in_samples_are_answered() -> None:
    pages = [API_PAGE, read("docs/getting-started.md"), read("docs/guides/ci.md")]
    addresses = re.findall(r"http://127\.0\.0\.1:8000(/[^\s\"'`>]+)", "".join(pages))
    assert addresses
    for address in addresses:
        assert resolve(urlsplit(address.replace("$RUN", "1")).path)


@pytest.mark.django_db
def test_the_samples_have_the_fields_of_the_answers() -> None:
    run = make_run(make_case())
    result = run.results.model(run=run, case_id=1, started_at=run.created_at)
    sample = {
        name: json.loads(text)
        for name, text in re.findall(r"^```json (\w+)$(.*?)^```$", API_PAGE, re.M | re.S)
    }
    assert set(answers.RunAnswer.model_fields) == set(run_data(run))
    assert set(answers.ResultAnswer.model_fields) == set(result_data(result))
    assert set(sample["run"]) == {*run_data(run), "url", "page"}
    assert set(sample["run"]["counts"]) == set(run.counts())
    assert set(sample["result"]) == {*result_data(result), "attempts"}
    assert sample["day"] == answers.DAY


def test_settings_that_pages_speak_of_exist() -> None:
    spoken = set(
        re.findall(r"`([A-Z]+(?:_[A-Z]+)*_(?:S|MB|DAYS|URL|DIR|LIMIT))`", COMMANDS_PAGE)
    )
    assert spoken <= SETTINGS
