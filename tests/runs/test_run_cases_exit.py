"""`run_cases`: its exit codes, and bad input in one sentence."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from runs import tasks
from runs.models import Run
from tests.factories import make_case, make_environment, make_module
from tests.runs.commanding import run_cases
from tests.target import Target

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("url", "code"), [("/status/200", 0), ("/status/404", 1), ("http://127.0.0.1:1/", 1)]
)
@pytest.mark.usefixtures("at_work")
def test_the_exit_code_is_the_verdict(target: Target, url: str, code: int) -> None:
    environment = make_environment(target.url)
    make_case(make_module("m", default_environment=environment), [{"url": url}], name="c")
    assert run_cases("--case", "m/c")[0] == code


@pytest.mark.usefixtures("at_work")
def test_what_failed_and_why_is_shown(
    target: Target, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    environment = make_environment(target.url)
    module = make_module("m", default_environment=environment)
    make_case(module, [{"url": "/status/404"}], name="missing [red]page[/]")
    make_case(module, name="fine")
    assert run_cases("--module", "m")[0] == 1
    shown = capsys.readouterr().out
    assert "m/missing [red]page[/]" in shown
    assert "expected 200" in shown or "404" in shown
    assert "m/fine" not in shown
    assert "1 passed" in shown
    assert "1 failed" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Say what to run: --case, --module, --tag, --plan, --failed-of or --all."),
        (["--case", "shop/nothing"], "There is no case “shop/nothing”."),
        (["--case", "look"], "There is no case “look”."),
        (["--case", "9" * 5000], "There is no case"),
        (["--case", "0"], "There is no case “0”."),
        (["--case", "shop/resting"], "Case “shop/resting” is not active."),
        (["--module", "shop/nothing"], "There is no module “shop/nothing”."),
        (["--module", ""], "There is no module “”."),
        (["--module", "empty"], "Nothing to run: empty has no active case with a step."),
        (["--tag", "none"], "There is no tag “none”."),
        (["--plan", "none"], "There is no plan “none”."),
        (["--plan", "nightly", "--all"], "--plan stands alone"),
        (["--all", "--env", "none"], "There is no environment “none”. There are: here."),
        (["--all", "--workers", "0"], "--workers 0: use 1 or more."),
        (["--all", "--json", "/no/such/folder/f"], "--json /no/such/folder/f"),
        (["--all", "--json", "/"], "--json /"),
        (["--all", "--no-wait", "--workers", "1"], "--no-wait"),
        (["--all", "--no-wait", "--json", "f"], "--no-wait"),
    ],
)
def test_bad_input_is_one_sentence_and_starts_nothing(
    tree: dict[str, Any], arguments: list[str], words: str
) -> None:
    make_case(tree["shop/look"].module, name="resting", is_active=False)
    make_module("empty", default_environment=tree["shop/look"].module.default_environment)
    code, said = run_cases(*arguments)
    assert code == 2
    assert words in said
    assert "\n" not in said
    assert not Run.objects.exists()


@pytest.mark.usefixtures("at_work", "tree")
def test_without_a_default_environment_the_choices_are_named() -> None:
    make_case(make_module("homeless"))
    code, said = run_cases("--module", "homeless")
    assert (code, said) == (2, "Say in which environment to run: here.")


@pytest.mark.usefixtures("tree")
def test_a_database_that_is_gone_is_exit_code_three(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_args: Any, **_options: Any) -> None:
        raise OperationalError(2006, "Server has gone away")

    monkeypatch.setattr(tasks, "start_run", gone)
    code, said = run_cases("--all")
    assert code == 3
    assert said.startswith("The database did not answer:")
