"""The console around its pages: the search palette, people, the login."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from cases.models import User
from tests.factories import make_case, make_module, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """unfold keeps what was found for five minutes by the id of the user."""
    cache.clear()


def found(client: Client, word: str) -> list[str]:
    page = client.get(reverse("admin:search"), {"s": word, "extended": "1"})
    return [result.title for result in page.context_data["results"].object_list]


def test_the_palette_finds_cases_and_modules_by_name(admin: Client) -> None:
    make_case(make_module("Payments"), name="pay twice")
    assert found(admin, "PAY") == ["pay twice", "Payments"]


def test_the_palette_finds_nothing_that_one_may_not_see(client: Client) -> None:
    make_case(make_module("Payments"), name="pay twice")
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_module"))
    client.force_login(user)
    assert found(client, "pay") == ["Payments"]


def test_a_person_is_made_and_described(admin: Client) -> None:
    data = {
        "username": "ada",
        "display_name": "Ada",
        "usable_password": "true",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
    }
    answer = admin.post(reverse("admin:cases_user_add"), data)
    ada = User.objects.get(username="ada")
    change = reverse("admin:cases_user_change", args=[ada.pk])
    assert answer.url == change
    more = {"username": "ada", "phone": "+49 30 1", "address": "Berlin", "remark": "tests"}
    assert admin.post(change, {**more, "is_active": "on"}).status_code == 302
    ada.refresh_from_db()
    assert (ada.phone, ada.address, ada.remark) == ("+49 30 1", "Berlin", "tests")


def test_after_the_login_comes_the_dashboard(client: Client) -> None:
    make_user(username="ada", password="correct horse", is_staff=True)
    page = reverse("admin:login")
    answer = client.post(page, {"username": "ada", "password": "correct horse"})
    assert answer.url == reverse("admin:index")


def test_no_page_runs_scripts_of_others(client: Client) -> None:
    policy = client.get(reverse("admin:login"))["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval';" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


def test_what_is_not_there_and_what_is_not_allowed_are_said_in_a_sentence(
    admin: Client,
) -> None:
    missing = admin.get(reverse("admin:runs_run_change", args=[4711]))
    assert "There is nothing at this address" in missing.content.decode()
    admin.force_login(make_user(is_staff=True))
    refused = admin.get(reverse("admin:cases_case_changelist"))
    assert refused.status_code == 403
    assert "Your user has no permission for this." in refused.content.decode()


def test_a_fault_of_ours_is_a_page_too(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr("runs.views.run_page", fail)
    admin.raise_request_exception = False
    answer = admin.get(reverse("admin:runs_run_change", args=[1]))
    assert answer.status_code == 500
    assert "Something went wrong" in answer.content.decode()
