""" "Run now" on cases, modules and plans, and "Cancel" on runs."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from cases.models import Case, User
from runs.choices import RunStatus, Trigger
from runs.models import Run
from tests.factories import make_case, make_environment, make_module, make_plan, make_run
from tests.factories import make_user as make_person

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def make_user(*permissions: str) -> User:
    user = make_person(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_person(is_staff=True, is_superuser=True))
    return client


def start(client: Client, kind: str, key: int, environment: Any) -> Any:
    """What the dialog's button posts."""
    page = reverse(f"admin:{kind}_run_detail", args=[key])
    data = {"environment": getattr(environment, "pk", ""), "_form_submitted": "True"}
    return client.post(page, data, headers=HTMX)


def test_a_case_is_run_in_the_environment_that_was_chosen(admin: Client) -> None:
    case, environment = make_case(), make_environment(name="staging")
    answer = start(admin, "cases_case", case.pk, environment)
    run = Run.objects.get()
    assert answer["HX-Redirect"] == reverse("admin:runs_run_change", args=[run.pk])
    assert (run.environment_name, run.n_total) == ("staging", 1)
    assert run.trigger == Trigger.ADMIN
    assert run.user_id == int(admin.session["_auth_user_id"])


def test_the_dialog_proposes_the_environment_of_the_module(admin: Client) -> None:
    make_environment(name="another")
    default = make_environment(name="default")
    case = make_case(make_module(parent=make_module(default_environment=default)))
    for kind, key in (("cases_case", case.pk), ("cases_module", case.module_id)):
        page = admin.get(reverse(f"admin:{kind}_run_detail", args=[key]))
        assert page.context["form"]["environment"].initial == default
    assert not Run.objects.exists()


def test_a_module_is_run_with_everything_below_it(admin: Client) -> None:
    top = make_module("top")
    make_case(make_module("below", parent=top))
    make_case(top)
    make_case(top, is_active=False)
    start(admin, "cases_module", top.pk, make_environment())
    assert Run.objects.get().n_total == 2


def test_a_plan_keeps_its_options_whatever_environment_is_chosen(admin: Client) -> None:
    plan = make_plan(make_case(), variables=[["n", 1]], never_send_twice=True)
    start(admin, "runs_plan", plan.pk, make_environment(name="staging"))
    run = Run.objects.get()
    assert (run.plan, run.variables, run.never_send_twice) == (plan, [["n", 1]], True)
    assert run.environment_name == "staging"


def test_without_an_environment_the_dialog_stays(admin: Client) -> None:
    answer = start(admin, "cases_case", make_case().pk, None)
    assert answer.context["form"].errors["environment"]
    assert not Run.objects.exists()


def test_a_module_without_cases_says_so(admin: Client) -> None:
    module = make_module()
    start(admin, "cases_module", module.pk, make_environment())
    page = admin.get(reverse("admin:cases_module_changelist"))
    assert [str(message) for message in page.context["messages"]]
    assert not Run.objects.exists()


def test_looking_at_the_dialog_starts_nothing(admin: Client) -> None:
    case = make_case()
    admin.get(reverse("admin:cases_case_run_row", args=[case.pk]))
    assert not Run.objects.exists()


def test_selected_cases_make_one_run(admin: Client) -> None:
    cases = [make_case() for _n in range(3)]
    page = reverse("admin:cases_case_changelist")
    ticked = {"action": "run_selected", "_selected_action": [c.pk for c in cases[:2]]}
    asked = admin.post(page, ticked)
    assert "2 entries are selected." in asked.content.decode()
    assert not Run.objects.exists()
    chosen = {"apply": "1", "environment": make_environment().pk}
    answer = admin.post(page, {**dict(asked.context["kept"]), **ticked, **chosen})
    run = Run.objects.get()
    assert answer.url == reverse("admin:runs_run_change", args=[run.pk])
    assert run.n_total == 2


def test_all_cases_of_a_list_make_one_run(admin: Client) -> None:
    cases = [make_case() for _n in range(3)]
    ticked = {
        "action": "run_selected",
        "select_across": "1",
        "_selected_action": [cases[0].pk],
        "apply": "1",
        "environment": make_environment().pk,
    }
    admin.post(reverse("admin:cases_case_changelist"), ticked)
    assert Run.objects.get().n_total == Case.objects.count() == 3


@pytest.mark.parametrize(
    ("kind", "permission"),
    [("cases_case", "run_case"), ("cases_module", "run_case"), ("runs_plan", "run_plan")],
)
def test_running_needs_its_permission(client: Client, kind: str, permission: str) -> None:
    case = make_case()
    keys = {
        "cases_case": case.pk,
        "cases_module": case.module_id,
        "runs_plan": make_plan(case).pk,
    }
    view = f"view_{kind.split('_')[1]}"
    client.force_login(make_user(view))
    assert start(client, kind, keys[kind], make_environment()).status_code == 403
    assert not Run.objects.exists()
    client.force_login(make_user(view, permission))
    assert start(client, kind, keys[kind], make_environment()).status_code == 200
    assert Run.objects.count() == 1


def test_a_run_is_cancelled_by_whoever_may(client: Client) -> None:
    run = make_run(make_case())
    page = reverse("admin:runs_run_cancel", args=[run.pk])
    client.force_login(make_user("view_run"))
    assert client.post(page).status_code == 403
    user = make_user("view_run", "cancel_run")
    client.force_login(user)
    assert client.get(page).status_code == 405
    assert client.post(page).status_code == 302
    run.refresh_from_db()
    assert (run.status, run.cancelled_by) == (RunStatus.CANCELLED, user)


def test_cancelling_an_ended_run_says_that_it_had_ended(admin: Client) -> None:
    run = make_run(make_case())
    page = reverse("admin:runs_run_cancel", args=[run.pk])
    admin.post(page)
    answer = admin.post(page, follow=True)
    assert "The run had already ended." in answer.content.decode()


def test_selected_runs_are_cancelled(admin: Client) -> None:
    runs = [make_run(make_case()) for _n in range(2)]
    ticked = {"action": "cancel_selected", "_selected_action": [run.pk for run in runs]}
    answer = admin.post(reverse("admin:runs_run_changelist"), ticked, follow=True)
    assert "2 runs are cancelled." in answer.content.decode()
    assert not Run.objects.open().exists()
