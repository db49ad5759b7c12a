"""`/run_case`: by token or by session, and by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import User
from runs.models import ApiToken, Run
from tests.factories import (
    make_case,
    make_environment,
    make_module,
    make_token,
    make_user,
)
from tests.runs.answers import assert_error
from tests.runs.asking import ask
from tests.target import Target

pytestmark = pytest.mark.django_db


def _expired() -> str:
    return make_token(expires_at=timezone.now() - timedelta(seconds=1))[1]


def _of_a_disabled_user() -> str:
    token, text = make_token()
    User.objects.filter(pk=token.user_id).update(is_active=False)
    return text


@pytest.mark.parametrize(
    "header",
    [
        lambda: "",
        lambda: "Bearer th_unknown",
        lambda: "Bearer",
        lambda: "Basic dGg6dGg=",
        lambda: make_token()[1],
        lambda: f"Bearer {_expired()}",
        lambda: f"Bearer {_of_a_disabled_user()}",
        lambda: "Bearer tök\xa0en",
    ],
)
def test_without_a_good_token_nothing_is_told(header: Any) -> None:
    value = header()
    answer = ask({"Authorization": value} if value else None, case_id=make_case().pk)
    assert_error(answer, 401, "unauthenticated")
    assert not Run.objects.exists()


def test_a_token_in_the_url_is_not_looked_at() -> None:
    _token, text = make_token()
    assert ask(case_id=make_case().pk, token=text).status_code == 401


def test_a_user_without_the_permission_is_refused_by_its_name() -> None:
    token, text = make_token(make_user(username="reader"))
    answer = ask({"Authorization": f"Bearer {text}"}, case_id=make_case().pk)
    assert_error(answer, 403, "forbidden", "reader", "cases.run_case")


def test_the_last_use_of_a_token_is_noted_at_most_once_a_minute() -> None:
    token, text = make_token()
    ask({"Authorization": f"Bearer {text}"})
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    ask({"Authorization": f"Bearer {text}"})
    token.refresh_from_db()
    assert token.last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    ask({"Authorization": f"Bearer {text}"})
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.last_used_at >= first


@pytest.fixture
def session() -> Client:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(make_user(is_superuser=True, is_staff=True))
    return client


def test_a_session_may_not_start_work_by_get(session: Client) -> None:
    answer = session.get("/run_case", {"case_id": make_case().pk})
    assert_error(answer, 401, "unauthenticated", "Authorization: Bearer")


def test_a_session_without_its_csrf_token_is_refused(session: Client) -> None:
    answer = session.post("/run_case", {"case_id": make_case().pk})
    assert_error(answer, 403, "csrf", "X-CSRFToken")
    assert not Run.objects.exists()


def test_a_session_with_its_csrf_token_may_post(session: Client, target: Target) -> None:
    case = make_case(make_module(default_environment=make_environment(target.url)))
    session.get("/admin/runs/run/add/")
    session.get("/admin/cases/tag/add/")  # a page with a form sets the cookie
    token = session.cookies["csrftoken"].value
    answer = session.post("/run_case", {"case_id": case.pk}, headers={"X-CSRFToken": token})
    assert (answer.status_code, answer.json()["outcome"]) == (200, "passed")
