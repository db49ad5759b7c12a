"""Every page of the console opens for those who may see it, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from cases.models import DataSet, Tag, User, Variable
from runs.choices import Trigger
from runs.execution.selection import Selection
from runs.models import Result, Run, Schedule
from runs.tasks import run_now
from tests.factories import (
    make_case,
    make_environment,
    make_module,
    make_plan,
    make_token,
    make_user,
)

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def rows(db: None) -> None:
    """At least one row of every model that people see."""
    user = make_user(is_staff=True)
    case = make_case(make_module(default_environment=make_environment()), rows=["a"])
    Tag.objects.create(name="smoke")
    Variable.objects.create(name="limit", value="7")
    plan = make_plan(case)
    Schedule.objects.create(plan=plan, cron="0 7 * * *", owner=user)
    make_token(user)
    Group.objects.create(name="testers")
    run_now(Selection(case_ids=(case.pk,)), trigger=Trigger.COMMAND)


def pages(model: type[Model]) -> Iterator[str]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    yield reverse(f"{name}_changelist")
    model_admin = admin.site._registry[model]
    row = model._default_manager.first()
    if row is not None:
        yield reverse(f"{name}_change", args=[row.pk])
        yield reverse(f"{name}_history", args=[row.pk])
        yield reverse(f"{name}_delete", args=[row.pk])
    if type(model_admin).has_add_permission is admin.ModelAdmin.has_add_permission:
        yield reverse(f"{name}_add")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_superuser_opens_every_page(client: Client, rows: None, model: type[Model]) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    for page in pages(model):
        if "django_q" in page and not page.endswith(model._meta.model_name + "/"):
            continue
        assert client.get(page).status_code == 200, page


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_somebody_without_permissions_opens_none(
    client: Client, rows: None, model: type[Model]
) -> None:
    client.force_login(make_user(is_staff=True))
    for page in pages(model):
        answer = client.get(page)
        # Somebody else's token does not exist, whoever asks.
        unknown = answer.status_code == 302 and answer.url == reverse("admin:index")
        assert answer.status_code == 403 or unknown, page


def test_somebody_without_permissions_sees_an_empty_shell(client: Client, rows: None) -> None:
    client.force_login(make_user(is_staff=True))
    page = client.get(reverse("admin:index"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "You may not see cases or runs" in text
    for model in MODELS:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        assert f'href="{reverse(name)}"' not in text


def test_a_reader_sees_records_and_no_way_to_change_anything(
    client: Client, rows: None
) -> None:
    reader = make_user(is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(reader)
    assert client.get(reverse("admin:index")).status_code == 200
    run, result = Run.objects.get(), Result.objects.get()
    assert client.get(reverse("admin:runs_run_change", args=[run.pk])).status_code == 200
    page = client.get(reverse("admin:runs_result_change", args=[result.pk]))
    assert page.status_code == 200
    case = reverse("admin:cases_case_change", args=[result.case_id])
    text = client.get(case).content.decode()
    assert 'name="_save"' not in text
    assert "Run now" not in text
    assert client.post(reverse("admin:cases_case_add")).status_code == 403


def test_the_dashboard_shows_the_last_runs_and_the_broken_cases(
    client: Client, rows: None
) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    context = client.get(reverse("admin:index")).context
    assert [run.pk for run, _counts in context["run_part"]["last"]] == [Run.objects.get().pk]
    assert context["run_part"]["pass_rate"] == 0
    assert context["case_part"]["n_broken"] == 1


def test_an_anonymous_visitor_is_sent_to_the_login(client: Client, rows: None) -> None:
    for model in MODELS:
        page = next(pages(model))
        assert client.get(page).url.startswith(reverse("admin:login"))


@pytest.mark.parametrize("name", ["_live", "_cancel"])
def test_the_parts_of_a_run_are_closed_to_others(client: Client, rows: None, name: str) -> None:
    page = reverse(f"admin:runs_run{name}", args=[Run.objects.get().pk])
    client.force_login(make_user(is_staff=True))
    assert client.post(page).status_code == 403
    client.force_login(make_user())
    assert client.post(page).status_code == 302


def test_an_unknown_run_or_result_is_not_found(client: Client, db: None) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    for name in ("run", "result"):
        for key in ("4711", "nonsense"):
            page = reverse(f"admin:runs_{name}_change", args=[key])
            assert client.get(page).status_code == 404


@pytest.mark.parametrize("key", ["nonsense", "²", "9" * 40])
def test_nonsense_in_an_address_is_not_found(client: Client, db: None, key: str) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    for name in ("cases_case_run_row", "cases_module_run_detail", "runs_plan_run_row"):
        assert client.get(reverse(f"admin:{name}", args=[key])).status_code == 404
    revoke = reverse("admin:runs_apitoken_revoke_row", args=[key])
    answer = client.post(revoke, {"_form_submitted": "True"})
    assert answer.status_code == (200 if key.isdecimal() else 404)
    for name in ("cases_case", "runs_plan"):
        page = client.get(reverse(f"admin:{name}_change", args=[key]))
        assert page.url == reverse("admin:index")
    for name in ("runs_result", "runs_run", "cases_case"):
        assert client.get(reverse(f"admin:{name}_changelist"), {"q": key}).status_code == 200
    module = client.get(reverse("admin:cases_case_changelist"), {"module": key})
    assert module.status_code == 200


def test_names_and_rows_are_there_for_the_models() -> None:
    """The parametrised tests above mean something."""
    assert {User, DataSet, Run, Result, Schedule} <= set(MODELS)
