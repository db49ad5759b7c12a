"""Planning: a selection becomes chunks of (case version, rows)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cases.models import Case, CaseVersion, Module, Step, Tag, Variable
from runs import tasks
from runs.choices import RunStatus, Trigger
from runs.execution import plan
from runs.execution.selection import (
    EmptySelection,
    PlanError,
    Selection,
    default_environment,
)
from runs.models import Chunk
from runs.tasks import starting
from tests.factories import make_case, make_environment, make_module, make_plan, make_run
from tests.runs.queue import Sent

pytestmark = pytest.mark.django_db


def items(run: Any) -> list[list[list[int]]]:
    return [chunk.items for chunk in run.chunks.order_by("seq")]


def test_cases_are_divided_into_chunks(settings: Any) -> None:
    settings.CHUNK_SIZE = 2
    module = make_module()
    cases = [make_case(module, name=f"{number}") for number in range(5)]
    run = make_run(*cases)
    versions = [[case.pk, case.current_version_id, 0, 0] for case in cases]
    assert items(run) == [versions[:2], versions[2:4], versions[4:]]
    assert run.n_total == 5
    assert [chunk.n_items for chunk in run.chunks.all()] == [2, 2, 1]


@pytest.mark.parametrize(
    ("rows", "size", "pieces"),
    [
        (1, 3, [[[1, 1]]]),
        (3, 3, [[[1, 3]]]),
        (4, 3, [[[1, 3]], [[4, 4]]]),
        (7, 3, [[[1, 3]], [[4, 6]], [[7, 7]]]),
    ],
)
def test_a_case_with_many_rows_is_divided(
    rows: int, size: int, pieces: list[list[list[int]]], settings: Any
) -> None:
    settings.CHUNK_SIZE = size
    run = make_run(make_case(rows=[f"row {n}" for n in range(rows)]))
    assert [[item[2:] for item in chunk] for chunk in items(run)] == pieces
    assert run.n_total == rows


def test_rows_and_cases_share_a_chunk_while_there_is_room(settings: Any) -> None:
    settings.CHUNK_SIZE = 4
    module = make_module()
    first = make_case(module, name="a")
    second = make_case(module, name="b", rows=["1", "2", "3"])
    third = make_case(module, name="c")
    run = make_run(first, second, third)
    sizes = [[(item[0], item[3] - item[2] + 1) for item in chunk] for chunk in items(run)]
    assert sizes == [[(first.pk, 1), (second.pk, 3)], [(third.pk, 1)]]


def test_chunks_are_large_while_much_is_left_and_small_at_the_end(settings: Any) -> None:
    settings.CHUNK_SIZE, settings.WINDOW = 2, 4
    run = make_run(make_case(rows=[f"row {n}" for n in range(200)]))
    sizes = [chunk.n_items for chunk in run.chunks.order_by("seq")]
    assert sizes == [*[20] * 9, 10, 4, 2, 2, 2], "all workers end together"
    assert sum(sizes) == run.n_total == 200


def test_a_run_is_planned_once() -> None:
    run = make_run(make_case())
    assert plan.plan_run(run.pk) is False
    assert Chunk.objects.count() == 1


def test_a_module_means_everything_below_it() -> None:
    root = make_module("shop")
    below = make_module("orders", parent=root)
    wanted = [make_case(root), make_case(below), make_case(make_module(parent=below))]
    make_case(make_module("other"))
    selection = Selection(module_ids=(root.pk,))
    assert set(selection.cases()) == set(wanted)
    assert selection.title() == "shop"
    assert Selection(module_ids=(below.pk,)).title() == "shop/orders"


def test_cases_modules_and_tags_add_up_without_repeating() -> None:
    tag = Tag.objects.create(name="smoke")
    module = make_module()
    in_module, tagged, listed = make_case(module), make_case(), make_case()
    for case in (in_module, tagged):
        case.tags.add(tag)
    selection = Selection(
        case_ids=(listed.pk, in_module.pk), module_ids=(module.pk,), tags=("smoke",)
    )
    assert sorted(case.pk for case in selection.cases()) == sorted(
        [in_module.pk, tagged.pk, listed.pk]
    )


def test_what_is_not_active_or_has_no_step_is_left_out() -> None:
    module = make_module()
    runnable = make_case(module)
    make_case(module, is_active=False)
    make_case(module, steps=())
    assert list(Selection(module_ids=(module.pk,)).cases()) == [runnable]
    assert list(Selection(everything=True).cases()) == [runnable]


def test_an_empty_selection_makes_no_run() -> None:
    module = make_module("empty")
    with pytest.raises(EmptySelection, match="Nothing to run: empty has no active case"):
        tasks.start_run(
            Selection(module_ids=(module.pk,)),
            environment=make_environment(),
            trigger=Trigger.COMMAND,
        )


def test_the_modules_default_environment_is_inherited() -> None:
    environment = make_environment()
    root = make_module(default_environment=environment)
    case = make_case(make_module(parent=make_module(parent=root)))
    assert default_environment(Selection(case_ids=(case.pk,))) == environment


def test_the_nearest_default_environment_wins() -> None:
    root = make_module(default_environment=make_environment())
    near = make_environment()
    case = make_case(make_module(parent=root, default_environment=near))
    assert default_environment(Selection(case_ids=(case.pk,))) == near


def test_without_one_environment_the_choices_are_named() -> None:
    make_environment(name="staging")
    make_environment(name="production")
    case = make_case()
    with pytest.raises(PlanError, match="in which environment to run: production, staging"):
        default_environment(Selection(case_ids=(case.pk,)))


def test_two_default_environments_need_a_choice() -> None:
    cases = [
        make_case(make_module(default_environment=make_environment(name=name)))
        for name in ("one", "two")
    ]
    with pytest.raises(PlanError, match="one, two"):
        default_environment(Selection(case_ids=tuple(case.pk for case in cases)))


def test_a_snapshot_holds_no_secret_value() -> None:
    environment = make_environment()
    secret = Variable.objects.create(
        environment=environment, name="key", value="s3cr3t-value", is_secret=True
    )
    Variable.objects.create(environment=environment, name="plain", value="seen")
    Variable.objects.create(name="number", value="5", kind="json")
    run = make_run(make_case(), environment=environment)
    kept = run.environment
    assert kept["scopes"] == {"global": {"number": 5}, "environment": {"plain": "seen"}}
    [named] = kept["secrets"]
    assert (named["name"], named["variable_id"]) == ("key", secret.pk)
    assert "s3cr3t-value" not in json.dumps(kept)
    assert secret.ciphertext not in json.dumps(kept)


def test_a_variable_that_is_no_json_is_named() -> None:
    environment = make_environment()
    Variable.objects.create(environment=environment, name="size", value="{", kind="json")
    with pytest.raises(PlanError, match="Variable size is not JSON."):
        make_run(make_case(), environment=environment)


def test_a_run_keeps_its_environment_when_that_changes() -> None:
    environment = make_environment("http://127.0.0.1:9/before")
    run = make_run(make_case(), environment=environment)
    environment.base_url = "http://127.0.0.1:9/after"
    environment.save()
    run.refresh_from_db()
    assert run.environment["spec"]["base_url"] == "http://127.0.0.1:9/before"


def test_a_run_of_a_plan_takes_over_its_options() -> None:
    saved = make_plan(make_case(), name="nightly", variables=[["a", 1]], never_send_twice=True)
    run = tasks.start_plan(saved, trigger=Trigger.COMMAND)
    assert (run.title, run.plan, run.variables) == ("nightly", saved, [["a", 1]])
    assert run.never_send_twice


def test_more_cases_than_are_planned_at_once_are_planned_by_a_task(
    sent: Sent, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "PLANNED_AT_ONCE", 2)
    cases = tuple(make_case().pk for _ in range(3))
    small = tasks.start_run(
        Selection(case_ids=cases[:2]), environment=make_environment(), trigger=Trigger.COMMAND
    )
    assert small.planned_at
    sent.clear()
    large = tasks.start_run(
        Selection(case_ids=cases), environment=make_environment(), trigger=Trigger.COMMAND
    )
    assert large.planned_at is None
    assert sent == [("runs.tasks.plan_run", large.pk)]
    tasks.plan_run(large.pk)
    large.refresh_from_db()
    assert large.n_total == 3
    assert sent[1:] == [("runs.tasks.run_chunk", large.chunks.get().pk)]


def test_a_large_run_whose_cases_are_gone_by_then_is_lost() -> None:
    case = make_case()
    run = make_run(case, planned=False)
    case.delete()
    tasks.plan_run(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.LOST
    assert run.message == "Nothing to run: its cases are gone."


def test_cases_that_came_in_without_a_version_get_one() -> None:
    case = Case.objects.create(module=Module.objects.create(name="bulk"), name="raw")
    Step.objects.create(case=case, url="/json")
    run = make_run(case)
    version = CaseVersion.objects.get(case=case)
    assert items(run) == [[[case.pk, version.pk, 0, 0]]]
