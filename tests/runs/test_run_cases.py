"""`run_cases`: what can be asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runs.choices import RunStatus, Trigger
from runs.models import Run
from tests.factories import make_environment
from tests.runs.commanding import run_cases
from tests.target import Target

pytestmark = pytest.mark.django_db


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
