"""`run_cases`: what can be asked for, what it says, and its exit codes."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from cases.models import Tag
from runs import tasks, terminal
from runs.choices import RunStatus, Trigger
from runs.execution.pool import Crew
from runs.models import Run
from runs.workers import ClusterStatus
from tests.factories import make_case, make_environment, make_module, make_plan
from tests.runs.queue import Sent
from tests.runs.working import work_off
from tests.target import Target

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(
    monkeypatch: pytest.MonkeyPatch, sent: Sent, crew: Crew, capsys: pytest.CaptureFixture[str]
) -> None:
    """Workers that do everything while the command looks the other way for a moment."""

    def work(_seconds: float) -> None:
        for run in Run.objects.open():
            run.chunks.filter(status="queued").update(status="waiting")
            work_off(run, crew)

    monkeypatch.setattr(terminal.time, "sleep", work)
    monkeypatch.setattr(terminal, "cluster_status", lambda: ClusterStatus(True, 1, "."))


def run_cases(*arguments: str) -> tuple[int, str]:
    """The exit code and what was printed to stdout by the command itself."""
    out = StringIO()
    try:
        call_command("run_cases", *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, str(error)
    except SystemExit as error:
        return int(str(error.code)), out.getvalue()
    return 0, out.getvalue()


# --- what is run ------------------------------------------------------------------------


@pytest.fixture
def tree(target: Target) -> dict[str, Any]:
    """shop/{look, a/b}, shop/orders/{list}, other/{look}"""
    environment = make_environment(target.url, name="here")
    shop = make_module("shop", default_environment=environment)
    orders = make_module("orders", parent=shop)
    other = make_module("other", default_environment=environment)
    cases = {
        "shop/look": make_case(shop, name="look"),
        "shop/a/b": make_case(shop, name="a/b"),
        "shop/orders/list": make_case(orders, name="list"),
        "other/look": make_case(other, name="look"),
    }
    cases["other/look"].tags.add(Tag.objects.create(name="smoke"))
    make_plan(cases["shop/a/b"], environment=environment, name="nightly")
    return cases


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        (["--case", "shop/look"], ["shop/look"]),
        (["--case", "/shop/look/"], ["shop/look"]),
        (["--case", "shop/a/b"], ["shop/a/b"]),
        (["--case", "shop/look", "--case", "other/look"], ["other/look", "shop/look"]),
        (["--module", "shop"], ["shop/a/b", "shop/look", "shop/orders/list"]),
        (["--module", "shop/orders"], ["shop/orders/list"]),
        (["--tag", "smoke"], ["other/look"]),
        (["--tag", "smoke", "--module", "shop/orders"], ["other/look", "shop/orders/list"]),
        (["--plan", "nightly"], ["shop/a/b"]),
        (["--all"], ["other/look", "shop/a/b", "shop/look", "shop/orders/list"]),
    ],
)
@pytest.mark.usefixtures("at_work")
def test_what_is_asked_for_is_run(
    tree: dict[str, Any], arguments: list[str], paths: list[str]
) -> None:
    assert run_cases(*arguments)[0] == 0
    run = Run.objects.get()
    assert sorted(run.results.values_list("case_path", flat=True)) == paths
    assert (run.trigger, run.status) == (Trigger.COMMAND, RunStatus.FINISHED)


@pytest.mark.usefixtures("at_work")
def test_cases_and_modules_are_found_by_number_too(tree: dict[str, Any]) -> None:
    case = tree["shop/orders/list"]
    assert run_cases("--case", str(case.pk))[0] == 0
    assert run_cases("--module", str(case.module_id))[0] == 0
    assert set(Run.objects.values_list("n_total", flat=True)) == {1}


@pytest.mark.usefixtures("at_work", "tree")
def test_the_environment_can_be_named(target: Target) -> None:
    make_environment("http://127.0.0.1:1", name="nowhere")
    assert run_cases("--case", "shop/look", "--env", "nowhere")[0] == 1
    assert run_cases("--plan", "nightly", "--env", "nowhere")[0] == 1
    assert {run.environment_name for run in Run.objects.all()} == {"nowhere"}
    assert target.requests == []


@pytest.mark.usefixtures("at_work", "tree")
def test_no_wait_prints_the_number_and_leaves() -> None:
    code, said = run_cases("--all", "--no-wait")
    run = Run.objects.get()
    assert (code, said) == (0, f"Run {run.pk} was started.\n")
    assert run.status == RunStatus.QUEUED


@pytest.mark.usefixtures("at_work", "tree")
def test_the_record_can_be_written_as_json(tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    assert run_cases("--module", "shop", "--json", str(file))[0] == 0
    record = json.loads(file.read_text())
    assert (record["status"], record["outcome"], record["n_total"]) == ("finished", "passed", 3)
    assert [(r["path"], r["outcome"]) for r in record["results"]] == [
        ("shop/a/b", "passed"),
        ("shop/look", "passed"),
        ("shop/orders/list", "passed"),
    ]
    assert [entry.name for entry in tmp_path.iterdir()] == ["record.json"]


# --- exit codes -------------------------------------------------------------------------


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
        ([], "Say what to run: --case, --module, --tag, --plan or --all."),
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


# --- waiting ----------------------------------------------------------------------------


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(terminal, "time", self)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.usefixtures("sent", "tree")
def test_without_a_worker_it_says_so_within_ten_seconds_and_gives_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, said_at = Clock(monkeypatch), []

    def nobody() -> ClusterStatus:
        if "No worker is alive" in capsys.readouterr().out:
            said_at.append(clock.now)
        return ClusterStatus(False, 0, "No worker is alive.")

    monkeypatch.setattr(terminal, "cluster_status", nobody)
    assert run_cases("--all")[0] == 3
    assert said_at[0] < 10
    assert len(said_at) == 1, "said once"
    assert Run.objects.get().status == RunStatus.CANCELLED
    assert clock.now < 60


@pytest.mark.usefixtures("sent", "tree")
def test_ctrl_c_cancels_the_run_and_shows_what_there_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slept: list[float] = []

    def interrupted(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(terminal.time, "sleep", interrupted)
    monkeypatch.setattr(terminal, "cluster_status", lambda: ClusterStatus(True, 1, "."))
    assert run_cases("--all")[0] == 3
    assert Run.objects.get().status == RunStatus.CANCELLED
    assert "cancelled" in capsys.readouterr().out


@pytest.mark.usefixtures("sent", "tree")
def test_a_second_ctrl_c_leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(terminal.time, "sleep", interrupted)
    monkeypatch.setattr(terminal, "cluster_status", lambda: ClusterStatus(True, 1, "."))
    monkeypatch.setattr(tasks, "settle", lambda _run: None)
    assert run_cases("--all")[0] == 3
