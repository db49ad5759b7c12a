"""A run once more, or what of it failed: what is taken, what is left out, who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from cases import specs
from cases.models import Case, Environment
from runs import tasks
from runs.choices import ChunkStatus, Outcome, Trigger
from runs.execution.pool import Crew
from runs.execution.selection import PlanError, Selection
from runs.models import Plan, Run
from runs.reports import run_data
from tests.factories import (
    make_case,
    make_environment,
    make_module,
    make_plan,
    make_run,
    make_user,
)
from tests.runs.commanding import run_cases
from tests.runs.working import work_off
from tests.target import Target

pytestmark = pytest.mark.django_db

GOOD, BAD = [{"url": "/status/200"}], [{"url": "/status/404"}]


def again(run: Run, **options: Any) -> Run:
    return tasks.repeat_run(run, trigger=Trigger.COMMAND, **options)


def finish(run: Run, crew: Crew) -> None:
    """The hints of a started run went nowhere: its chunks are claimed here."""
    run.chunks.update(status=ChunkStatus.WAITING)
    work_off(run, crew)


def press(client: Client, run: Run, button: str = "runs_run_again") -> Any:
    return client.post(reverse(f"admin:{button}", args=[run.pk]), follow=True)


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def planned(run: Run) -> set[tuple[int, int, int]]:
    """Cases and rows of the manifest."""
    items = [item for chunk in run.chunks.all() for item in chunk.items]
    return {(case_id, first, last) for case_id, _version, first, last in items}


@pytest.fixture
def environment(target: Target) -> Environment:
    return make_environment(target.url, name="here")


@pytest.fixture
def ended(environment: Environment, crew: Crew) -> Run:
    """Of a plan: two passed, one failed, one is an error."""
    cases = [
        make_case(steps=GOOD, name="good"),
        make_case(steps=GOOD, name="also good"),
        make_case(steps=BAD, name="bad"),
        make_case(steps=[{"url": "/{{nothing}}"}], name="broken"),
    ]
    plan = make_plan(*cases, environment=environment, variables=[["n", 1]])
    run = tasks.start_plan(plan, trigger=Trigger.SCHEDULE)
    finish(run, crew)
    assert run.outcome == "error"
    return run


def test_the_same_is_run_in_the_same_environment_with_the_same_options(ended: Run) -> None:
    Plan.objects.update(variables=[["n", 2]])
    run = again(ended)
    assert (run.repeats, run.repeats_failed_only) == (ended, False)
    assert planned(run) == planned(ended)
    for name in ("title", "plan", "variables", "environment", "never_send_twice"):
        assert getattr(run, name) == getattr(ended, name), name
    assert run.trigger == Trigger.COMMAND


def test_a_case_that_came_to_its_module_meanwhile_comes_along(
    environment: Environment, crew: Crew
) -> None:
    module = make_module()
    make_case(module)
    selection = Selection(module_ids=(module.pk,))
    first = tasks.start_run(selection, trigger=Trigger.API, environment=environment)
    finish(first, crew)
    make_case(module)
    assert again(first).n_total == 2


def test_of_the_failed_ones_only_those_are_run(ended: Run, crew: Crew) -> None:
    run = again(ended, failed_only=True)
    finish(run, crew)
    assert (run.repeats, run.repeats_failed_only) == (ended, True)
    assert set(run.results.values_list("case_name", flat=True)) == {"bad", "broken"}


def test_a_blocked_case_is_one_of_them_and_a_skipped_one_is_not(ended: Run) -> None:
    ended.results.filter(case_name="good").update(outcome=Outcome.BLOCKED)
    ended.results.filter(case_name="bad").update(outcome=Outcome.SKIPPED)
    assert again(ended, failed_only=True).n_total == 2


def test_a_corrected_case_runs_corrected(ended: Run, crew: Crew) -> None:
    bad = Case.objects.get(name="bad")
    bad.steps.update(url="/status/200")
    specs.refresh(Case.objects.filter(pk=bad.pk))
    run = again(ended, failed_only=True)
    finish(run, crew)
    assert run.results.get(case_name="bad").outcome == Outcome.PASSED


def test_repeating_a_repetition_repeats_its_cases(ended: Run, crew: Crew) -> None:
    second = again(ended, failed_only=True)
    finish(second, crew)
    third = again(second)
    assert planned(third) == planned(second)
    assert (third.repeats, third.repeats_failed_only) == (second, False)


# --- rows of a dataset --------------------------------------------------------------------


@pytest.fixture
def with_rows(environment: Environment, crew: Crew) -> Run:
    """The rows 200, 404 and 500 of one case: each asks for that status."""
    case = make_case(rows=["200", "404", "500"], steps=[{"url": "/status/{{row}}"}])
    run = make_run(case, environment=environment)
    work_off(run, crew)
    assert run.counts()["failed"] == 2
    return run


def edit_rows(*names: str) -> Case:
    case = Case.objects.get()
    assert case.dataset
    case.dataset.rows = [{"name": name, "values": [["row", name]]} for name in names]
    case.dataset.save()
    specs.refresh(Case.objects.all())
    return case


def test_only_the_failed_rows_are_run(with_rows: Run, crew: Crew) -> None:
    run = again(with_rows, failed_only=True)
    finish(run, crew)
    assert list(run.results.order_by("row_no").values_list("row_no", "row_name")) == [
        (2, "404"),
        (3, "500"),
    ]


def test_a_row_is_known_by_its_name_when_it_has_moved(with_rows: Run) -> None:
    case = edit_rows("500", "200", "201", "404")
    run = again(with_rows, failed_only=True)
    assert planned(run) == {(case.pk, 1, 1), (case.pk, 4, 4)}


def test_a_case_that_lost_a_failed_row_runs_with_all_of_its_rows(with_rows: Run) -> None:
    case = edit_rows("200", "404")
    assert planned(again(with_rows, failed_only=True)) == {(case.pk, 1, 2)}


def test_a_case_that_has_no_rows_any_more_runs_once(with_rows: Run) -> None:
    case = Case.objects.get()
    Case.objects.update(dataset=None)
    specs.refresh(Case.objects.all())
    assert planned(again(with_rows, failed_only=True)) == {(case.pk, 0, 0)}


# --- what cannot be repeated --------------------------------------------------------------


def test_cases_that_are_gone_are_named_and_the_others_run(admin: Client, ended: Run) -> None:
    gone, resting = Case.objects.get(name="good"), Case.objects.get(name="bad")
    gone_path = f"{gone.module.name}/good"
    gone.delete()
    Case.objects.filter(pk=resting.pk).update(is_active=False)
    answer = press(admin, ended)
    [message] = said(answer)
    assert gone_path in message
    assert f"{resting.module.name}/bad" in message
    assert "also good" not in message
    assert Run.objects.get(repeats=ended).n_total == 2


def test_many_of_them_are_counted(admin: Client, ended: Run) -> None:
    for n in range(12):
        ended.results.create(
            run=ended, chunk=ended.chunks.get(), case_id=10_000 + n, case_path=f"gone {n:02}"
        )
    [message] = said(press(admin, ended))
    assert message.endswith("gone 09 and 2 more.")


def test_an_environment_that_is_gone_is_named(admin: Client, ended: Run) -> None:
    Environment.objects.filter(name="here").update(name="there")
    assert said(press(admin, ended)) == ["There is no environment “here” any more."]
    assert Run.objects.count() == 1


def test_a_run_without_failures_says_so(environment: Environment, crew: Crew) -> None:
    run = make_run(make_case(), environment=environment)
    work_off(run, crew)
    with pytest.raises(PlanError, match=rf"^Run {run.pk} has no failed results on record\.$"):
        again(run, failed_only=True)


def test_failed_ones_that_are_all_gone_say_so(admin: Client, ended: Run) -> None:
    Case.objects.filter(name__in=["bad", "broken"]).update(is_active=False)
    [message] = said(press(admin, ended, "runs_run_again_failed"))
    assert "Nothing to run" in message
    assert "/bad" in message


@pytest.mark.parametrize("failed_only", [True, False])
def test_an_open_run_is_not_repeated(failed_only: bool) -> None:
    run = make_run(make_case())
    with pytest.raises(PlanError, match="has not ended yet"):
        again(run, failed_only=failed_only)


def test_a_run_that_never_knew_what_to_run_says_so(ended: Run) -> None:
    Run.objects.filter(pk=ended.pk).update(selection={})
    ended.refresh_from_db()
    with pytest.raises(PlanError, match="start its plan instead"):
        again(ended)


# --- the console, the API, the command ----------------------------------------------------


@pytest.mark.parametrize(("of_plan", "permission"), [(True, "run_plan"), (False, "run_case")])
@pytest.mark.parametrize("button", ["runs_run_again", "runs_run_again_failed"])
def test_repeating_needs_the_permission_that_starting_needs(
    client: Client, ended: Run, of_plan: bool, permission: str, button: str
) -> None:
    if not of_plan:
        Run.objects.filter(pk=ended.pk).update(plan=None)
    other = {"run_plan": "run_case", "run_case": "run_plan"}[permission]
    user = make_user(is_staff=True)
    client.force_login(user)
    page = reverse("admin:runs_run_change", args=[ended.pk])
    for given, allowed in ((other, False), (permission, True)):
        named = Permission.objects.filter(codename__in=["view_run", given])
        user.user_permissions.set(named)
        assert ("Run again" in client.get(page).content.decode()) is allowed
        assert press(client, ended, button).status_code == (200 if allowed else 403)
    run = Run.objects.get(repeats=ended)
    assert (run.user, run.trigger) == (user, Trigger.ADMIN)


def test_only_a_post_with_its_token_repeats(ended: Run) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(is_staff=True, is_superuser=True))
    url = reverse("admin:runs_run_again", args=[ended.pk])
    assert client.get(url).status_code == 405
    assert client.post(url).status_code == 403
    assert Run.objects.count() == 1


def test_the_buttons_are_offered_when_they_do_something(
    admin: Client, ended: Run, environment: Environment, crew: Crew
) -> None:
    green = make_run(make_case(), environment=environment)
    page = reverse("admin:runs_run_change", args=[green.pk])
    assert "Run again" not in admin.get(page).content.decode(), "it has not ended"
    finish(green, crew)
    assert not green.is_open
    text = admin.get(page).content.decode()
    assert "Run again" in text
    assert "Run the failed ones" not in text
    text = admin.get(reverse("admin:runs_run_change", args=[ended.pk])).content.decode()
    assert "Run the failed ones" in text


def test_a_run_says_which_one_it_repeats(admin: Client, ended: Run) -> None:
    page = press(admin, ended, "runs_run_again_failed").content.decode()
    first = reverse("admin:runs_run_change", args=[ended.pk])
    assert f'<a href="{first}">the failed ones of run {ended.pk}</a>' in page
    press(admin, ended)
    listed = admin.get(reverse("admin:runs_run_changelist")).content.decode()
    assert f"the failed ones of run {ended.pk}" in listed
    assert f"run {ended.pk} again" in listed
    run = Run.objects.get(pk=ended.pk + 1)
    data = run_data(run)
    assert (data["repeats"], data["repeats_failed_only"]) == (ended.pk, True)


def test_a_repetition_outlives_the_run_that_it_repeats(admin: Client, ended: Run) -> None:
    run = again(ended)
    ended.delete()
    run.refresh_from_db()
    assert (run.repeats, run.repeats_failed_only) == (None, False)


@pytest.mark.usefixtures("at_work")
def test_the_command_runs_what_failed(ended: Run) -> None:
    Case.objects.filter(name="broken").delete()
    assert run_cases("--failed-of", str(ended.pk))[0] == 1
    run = Run.objects.get(repeats=ended)
    assert list(run.results.values_list("case_name", flat=True)) == ["bad"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--failed-of", "99"], "There is no run 99."),
        (
            ["--failed-of", "99", "--all"],
            "--failed-of stands alone: that run says what to run.",
        ),
        (
            ["--failed-of", "99", "--plan", "x"],
            "--plan stands alone: it says itself what to run.",
        ),
    ],
)
def test_the_command_refuses_what_it_cannot_combine(
    arguments: list[str], sentence: str
) -> None:
    assert run_cases(*arguments) == (2, sentence)
