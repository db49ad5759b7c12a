"""What is saved in the console is what runs: rows, and the version that a run points to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from cases.models import Case, DataSet, Environment, Module, Variable
from tests.factories import make_case, make_environment, make_module, make_user

pytestmark = pytest.mark.django_db

STEP = {
    "position": "0",
    "name": "",
    "method": "GET",
    "url": "/",
    "params": "[]",
    "headers": "[]",
    "body_kind": "none",
    "body_fields": "[]",
    "extractions": "[]",
    "assertions": '[["status", "", "", false, "equals", "200", false]]',
    "inherit_headers": "on",
    "inherit_assertions": "on",
    "follow_redirects": "on",
    "max_redirects": "10",
    "delay_ms": "0",
    "poll_for_ms": "0",
    "poll_every_ms": "1000",
    "resend_times": "0",
    "resend_pause_ms": "500",
}


def case_data(module: Module, *steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    data = {
        "module": module.pk,
        "name": "one",
        "is_active": "on",
        "priority": "2",
        "retries": "0",
        "retry_pause_ms": "1000",
        "variables": "[]",
        "steps-TOTAL_FORMS": len(steps),
        "steps-INITIAL_FORMS": 0,
        **fields,
    }
    for number, step in enumerate(steps):
        data |= {f"steps-{number}-{name}": value for name, value in step.items()}
    return data


def test_a_case_is_compiled_when_it_is_saved(admin: Client) -> None:
    module = make_module("shop")
    steps = [STEP, {**STEP, "position": "1", "url": "/second", "body_kind": "json"}]
    steps[1]["body_text"] = '{"n": {{n}}}'
    answer = admin.post(reverse("admin:cases_case_add"), case_data(module, *steps))
    assert answer.status_code == 302, answer.context["errors"]
    case = Case.objects.get()
    assert case.owner is None  # the box was posted empty
    assert case.current_version.spec["path"] == "shop/one"
    assert [step["url"] for step in case.current_version.spec["steps"]] == ["/", "/second"]


def test_a_case_keeps_the_dataset_that_was_chosen(admin: Client) -> None:
    dataset = DataSet.objects.create(name="rows", rows=[])
    page = admin.get(reverse("admin:cases_case_add"))
    name = page.context["adminform"].form["dataset"].html_name
    data = case_data(make_module(), STEP, **{name: dataset.pk})
    assert admin.post(reverse("admin:cases_case_add"), data).status_code == 302
    assert Case.objects.get().dataset == dataset


@pytest.mark.parametrize("stored", ["a\nb", "a\r\nb"])
def test_a_body_keeps_its_line_breaks(admin: Client, stored: str) -> None:
    case = make_case(steps=[{"url": "/", "body_kind": "raw", "body_text": stored}])
    step = {**STEP, "id": case.steps.get().pk, "case": case.pk}
    step |= {"body_kind": "raw", "body_text": "a\r\nb"}  # as browsers post it
    data = case_data(case.module, step, **{"steps-INITIAL_FORMS": 1})
    page = reverse("admin:cases_case_change", args=[case.pk])
    assert admin.post(page, data).status_code == 302
    assert case.steps.get().body_text == stored


def test_numbers_of_any_length_can_be_expected(admin: Client) -> None:
    step = {
        **STEP,
        "assertions": json.dumps([["body", "", "", False, "equals", "9" * 30, False]]),
    }
    admin.post(reverse("admin:cases_case_add"), case_data(make_module(), step))
    spec = Case.objects.get().current_version.spec
    assert spec["steps"][0]["assertions"][0]["expected"] == int("9" * 30)


def test_a_bad_step_is_shown_with_its_reason_and_nothing_is_saved(admin: Client) -> None:
    step = {**STEP, "assertions": '[["json", "$[", "", false, "equals", "1", false]]'}
    answer = admin.post(reverse("admin:cases_case_add"), case_data(make_module(), step))
    assert answer.status_code == 200
    assert "JSONPath" in answer.content.decode()
    assert not Case.objects.exists()


def test_a_step_cannot_have_more_time_than_its_case(admin: Client) -> None:
    data = case_data(make_module(), {**STEP, "timeout_ms": "900"}, timeout_ms="500")
    answer = admin.post(reverse("admin:cases_case_add"), data)
    assert "the case has 500 ms" in answer.content.decode()


def test_save_as_new_makes_a_second_case_with_its_own_steps(admin: Client) -> None:
    case = make_case(name="one", last_outcome="failed")
    step = case.steps.get()
    data = case_data(case.module, {**STEP, "id": step.pk, "case": case.pk}, name="two")
    data |= {"steps-INITIAL_FORMS": 1, "_saveasnew": "1"}
    admin.post(reverse("admin:cases_case_change", args=[case.pk]), data)
    copy = Case.objects.get(name="two")
    assert copy.steps.count() == case.steps.count() == 1
    assert (copy.last_outcome, copy.current_version.spec["name"]) == ("", "two")


def test_renaming_a_module_reaches_the_versions_of_its_cases(admin: Client) -> None:
    case = make_case(make_module("old", parent=make_module("top")))
    data = {
        "name": "new",
        "parent": case.module.parent_id,
        "variables-TOTAL_FORMS": 1,
        "variables-INITIAL_FORMS": 0,
        "variables-0-name": "limit",
        "variables-0-kind": "json",
        "variables-0-value": "7",
    }
    page = reverse("admin:cases_module_change", args=[case.module.pk])
    assert admin.post(page, data).status_code == 302
    case.refresh_from_db()
    assert case.current_version.spec["path"] == f"top/new/{case.name}"
    assert case.current_version.spec["module_variables"] == [["limit", 7]]


def test_a_module_cannot_lie_below_itself(admin: Client) -> None:
    top = make_module("top")
    below = make_module("below", parent=top)
    page = reverse("admin:cases_module_change", args=[top.pk])
    data = {"variables-TOTAL_FORMS": 0, "variables-INITIAL_FORMS": 0, "name": "top"}
    answer = admin.post(page, {**data, "parent": below.pk})
    assert answer.status_code == 200
    assert Module.objects.get(pk=top.pk).parent_id is None


def test_a_dataset_that_changes_reaches_its_cases(admin: Client) -> None:
    case = make_case(rows=["a", "b"])
    rows = json.dumps({"columns": ["n"], "rows": [["only", "1"]]})
    page = reverse("admin:cases_dataset_change", args=[case.dataset_id])
    admin.post(page, {"name": "numbers", "rows": rows})
    case.refresh_from_db()
    assert (case.current_version.n_rows, DataSet.objects.get().name) == (1, "numbers")


def test_a_dataset_that_goes_leaves_its_cases_without_rows(admin: Client) -> None:
    case = make_case(rows=["a", "b"])
    page = reverse("admin:cases_dataset_delete", args=[case.dataset_id])
    admin.post(page, {"post": "yes"})
    case.refresh_from_db()
    assert case.current_version.n_rows == 0


def test_a_secret_of_an_environment_is_written_and_never_rendered(admin: Client) -> None:
    data = {
        "name": "staging",
        "base_url": "https://staging.example",
        "headers": '[["Accept", "*/*"]]',
        "verify_tls": "on",
        "connect_timeout_ms": "1000",
        "variables-TOTAL_FORMS": 1,
        "variables-INITIAL_FORMS": 0,
        "variables-0-name": "password",
        "variables-0-kind": "text",
        "variables-0-value": "open sesame",
        "variables-0-is_secret": "on",
    }
    assert admin.post(reverse("admin:cases_environment_add"), data).status_code == 302
    assert Variable.objects.get().reveal() == "open sesame"
    environment = Environment.objects.get()
    page = admin.get(reverse("admin:cases_environment_change", args=[environment.pk]))
    assert "(set)" in page.content.decode()
    assert "sesame" not in page.content.decode()


def environment_data(*names: str, **fields: Any) -> dict[str, Any]:
    data = {
        "name": "staging",
        "base_url": "https://staging.example",
        "headers": "[]",
        "connect_timeout_ms": "1000",
        "variables-TOTAL_FORMS": len(names),
        "variables-INITIAL_FORMS": 0,
        **fields,
    }
    for n, name in enumerate(names):
        data |= {f"variables-{n}-name": name, f"variables-{n}-value": str(n)}
        data[f"variables-{n}-kind"] = "text"
    return data


def test_two_variables_of_one_name_are_refused(admin: Client) -> None:
    add = reverse("admin:cases_environment_add")
    answer = admin.post(add, environment_data("a", "b", "a"))
    assert "There is a variable of that name here already." in answer.content.decode()
    Variable.objects.create(name="a", value="1")
    add = reverse("admin:cases_variable_add")
    answer = admin.post(add, {"name": " a ", "kind": "text", "value": "2"})
    assert "There is a variable of that name here already." in answer.content.decode()
    assert Variable.objects.count() == 1


def test_names_of_variables_can_be_swapped_and_taken_over(admin: Client) -> None:
    environment = make_environment()
    rows = [
        Variable.objects.create(environment=environment, name=name, value="old")
        for name in ("a", "b", "c", "d")
    ]
    data = environment_data("b", "a", "d", "d", "c", **{"variables-INITIAL_FORMS": 4})
    for n, row in enumerate(rows):
        data |= {f"variables-{n}-id": row.pk}
        data |= {f"variables-{n}-environment": environment.pk}
    data["variables-3-DELETE"] = "on"  # d goes, c takes its name, a new c comes
    page = reverse("admin:cases_environment_change", args=[environment.pk])
    assert admin.post(page, data).status_code == 302
    stored = Variable.objects.order_by("name").values_list("name", "value")
    assert list(stored) == [("a", "1"), ("b", "0"), ("c", "4"), ("d", "2")]


def test_deleting_a_module_counts_its_cases_and_needs_permission_for_both(
    client: Client,
) -> None:
    top = make_module("top")
    make_case(make_module("below", parent=top), name="needle")
    page = reverse("admin:cases_module_delete", args=[top.pk])
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__endswith="module"))
    client.force_login(user)
    assert "needle" not in client.get(page).content.decode()
    assert client.post(page, {"post": "yes"}).status_code == 403
    user.user_permissions.add(*Permission.objects.filter(codename__endswith="_case"))
    shown = client.get(page).content.decode()
    assert "top/below" in shown
    client.post(page, {"post": "yes"})
    assert not Module.objects.exists()
    assert not Case.objects.exists()


def test_an_environment_that_does_not_verify_tls_says_so(admin: Client) -> None:
    environment = make_environment(verify_tls=False)
    listed = admin.get(reverse("admin:cases_environment_changelist")).content.decode()
    page = admin.get(reverse("admin:cases_environment_change", args=[environment.pk]))
    assert "not verified" in listed
    assert "TLS certificates are not verified here" in page.content.decode()


def test_the_tree_is_shown_in_its_order_with_counts_of_everything_below(
    admin: Client,
) -> None:
    top = make_module("b")
    make_case(make_module("z", parent=top))
    make_case(make_module("007", parent=top))
    make_case(top)
    make_module("a")
    cl = admin.get(reverse("admin:cases_module_changelist")).context["cl"]
    shown = [(module.shown_path, module.n_cases) for module in cl.result_list]
    assert shown == [("a", 0), ("b", 3), ("b/007", 1), ("b/z", 1)]


def test_cases_can_be_filtered_by_a_module_and_all_below_it(admin: Client) -> None:
    top = make_module("top")
    wanted = {make_case(top).pk, make_case(make_module("below", parent=top)).pk}
    make_case()
    page = admin.get(reverse("admin:cases_case_changelist"), {"module": top.pk})
    assert {case.pk for case in page.context["cl"].result_list} == wanted
