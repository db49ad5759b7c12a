"""Tokens are shown once; schedules say when they come next and are armed when saved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule as QueueSchedule

from runs.models import ApiToken, Schedule
from tests.factories import make_case, make_plan, make_token, make_user

pytestmark = pytest.mark.django_db


def issue(client: Client, **fields: object) -> str:
    expires = timezone.now() + timedelta(days=5)
    data = {
        "name": "CI",
        "expires_at_0": f"{expires:%Y-%m-%d}",
        "expires_at_1": "12:00:00",
        **fields,
    }
    answer = client.post(reverse("admin:runs_apitoken_add"), data)
    assert answer.status_code == 200, answer
    assert "no-store" in answer["Cache-Control"]
    return str(answer.context["token"])


def test_a_token_is_shown_once_and_works(admin: Client) -> None:
    user = make_user()
    token = issue(admin, user=user.pk)
    found = ApiToken.find(token)
    assert found is not None
    assert found.user == user
    for page in ("changelist", "change"):
        arguments = [found.pk] if page == "change" else []
        text = admin.get(reverse(f"admin:runs_apitoken_{page}", args=arguments)).content
        assert token not in text.decode()
    assert token not in str(dict(admin.session))


def test_people_make_tokens_for_themselves_and_see_no_others(client: Client) -> None:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__endswith="apitoken"))
    other, _text = make_token()
    client.force_login(user)
    token = issue(client, user=other.user_id)
    assert ApiToken.find(token).user == user  # type: ignore[union-attr]
    listed = client.get(reverse("admin:runs_apitoken_changelist")).context["cl"]
    assert [row.user for row in listed.result_list] == [user]
    revoke = reverse("admin:runs_apitoken_revoke_row", args=[other.pk])
    client.post(revoke, {"_form_submitted": "True"})
    assert ApiToken.find(_text) is not None


def test_a_revoked_token_is_refused_and_stays_on_the_list(admin: Client) -> None:
    row, token = make_token()
    revoke = reverse("admin:runs_apitoken_revoke_detail", args=[row.pk])
    assert admin.get(revoke).status_code == 200
    assert ApiToken.find(token) is not None
    admin.post(revoke, {"_form_submitted": "True"})
    assert ApiToken.find(token) is None
    page = admin.get(reverse("admin:runs_apitoken_changelist")).content.decode()
    assert "expired" in page.lower()


def test_a_schedule_belongs_to_whoever_wrote_it_and_is_armed(admin: Client) -> None:
    data = {
        "plan": make_plan(make_case()).pk,
        "cron": "30 7 * * 1-5",
        "time_zone": "Asia/Shanghai",
        "is_active": "on",
    }
    answer = admin.post(reverse("admin:runs_schedule_add"), data)
    assert answer.status_code == 302
    schedule = Schedule.objects.get()
    assert schedule.owner_id == int(admin.session["_auth_user_id"])
    assert QueueSchedule.objects.filter(args__contains=str(schedule.pk)).exists()
    page = admin.get(reverse("admin:runs_schedule_change", args=[schedule.pk]))
    assert page.content.decode().count("07:30 CST") == 5
    admin.post(reverse("admin:runs_schedule_delete", args=[schedule.pk]), {"post": "yes"})
    assert not QueueSchedule.objects.filter(args__contains=str(schedule.pk)).exists()


@pytest.mark.parametrize(
    ("cron", "zone", "sentence"),
    [
        ("7:30", "UTC", "is not a cron line of five fields"),
        ("0 0 31 2 *", "UTC", "never comes"),
        ("0 0 * * *", "Mars/Olympus", "Mars/Olympus"),
    ],
)
def test_a_bad_schedule_is_refused_with_the_reason(
    admin: Client, cron: str, zone: str, sentence: str
) -> None:
    data = {"plan": make_plan(make_case()).pk, "cron": cron, "time_zone": zone}
    answer = admin.post(reverse("admin:runs_schedule_add"), data)
    assert sentence in answer.content.decode()
    assert not Schedule.objects.exists()


def test_a_new_schedule_proposes_the_zone_of_the_installation(admin: Client) -> None:
    form = admin.get(reverse("admin:runs_schedule_add")).context["adminform"].form
    assert form["time_zone"].value() == settings.TIME_ZONE


def test_a_plan_that_runs_nothing_is_refused(admin: Client) -> None:
    saved = make_plan(make_case())
    data = {"name": "empty", "environment": saved.environment_id, "variables": "[]"}
    answer = admin.post(reverse("admin:runs_plan_add"), data)
    assert "this plan runs nothing" in answer.content.decode()
