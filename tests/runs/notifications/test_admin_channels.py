"""Channels in the console: each kind with its own fields, secrets written and never read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from runs.models import Channel, Delivery
from tests.factories import make_case, make_plan, make_user
from tests.servers import MailServer
from tests.target import Target

pytestmark = pytest.mark.django_db

Make = Callable[..., Any]
SECRET = "T0KEN-T0KEN"


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.EMAIL_HOST = "127.0.0.1"


def save(client: Client, channel: Channel | None = None, **fields: object) -> Any:
    data = {"name": "team", "tell": "not_green", "all_plans": "on", "is_active": "on", **fields}
    name, arguments = ("change", [channel.pk]) if channel else ("add", [])
    return client.post(reverse(f"admin:runs_channel_{name}", args=arguments), data)


def errors(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200
    found = answer.context["adminform"].form.errors
    return {name: " ".join(texts) for name, texts in found.items()}


def test_an_email_channel_keeps_its_recipients_one_a_line(admin: Client) -> None:
    answer = save(admin, kind="email", recipients="a@example.com, b@example.com\n c@x.org")
    assert answer.status_code == 302
    channel = Channel.objects.get()
    assert channel.addresses == ["a@example.com", "b@example.com", "c@x.org"]
    page = admin.get(reverse("admin:runs_channel_changelist")).content.decode()
    assert "a@example.com, b@example.com, c@x.org" in page


def test_a_webhooks_url_and_key_are_encrypted_and_never_shown(admin: Client) -> None:
    url, key = f"https://me:pass@hooks.test/{SECRET}", f"key-{SECRET}"
    answer = save(admin, kind="webhook", url=url, signing_key=key)
    assert answer.status_code == 302
    channel = Channel.objects.get()
    assert (channel.reveal_url(), channel.reveal_signing_key()) == (url, key)
    assert channel.hint == "https://hooks.test/…"
    assert SECRET not in str(Channel.objects.values().get())
    for page in ("changelist", "change", "history"):
        arguments = [] if page == "changelist" else [channel.pk]
        shown = admin.get(reverse(f"admin:runs_channel_{page}", args=arguments))
        assert SECRET not in shown.content.decode()
    assert (
        "https://hooks.test/…"
        in admin.get(reverse("admin:runs_channel_change", args=[channel.pk])).content.decode()
    )


def test_a_services_url_shows_its_service_alone(admin: Client) -> None:
    url = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"
    assert save(admin, kind="service", url=url).status_code == 302
    assert Channel.objects.get().hint == "slack://…"


def test_an_empty_box_keeps_what_is_there(admin: Client, make_channel: Make) -> None:
    channel = make_channel(f"https://hooks.test/{SECRET}", signing_key="key")
    save(admin, channel, kind="webhook", name="other")
    channel.refresh_from_db()
    assert channel.name == "other"
    assert channel.reveal_url() == f"https://hooks.test/{SECRET}"
    assert channel.reveal_signing_key() == "key"


def test_what_was_typed_into_a_form_with_errors_is_not_sent_back(admin: Client) -> None:
    answer = save(admin, kind="webhook", url=f"https://hooks.test/{SECRET}", name="")
    assert SECRET not in answer.content.decode()
    assert "not saved: type it again" in answer.content.decode()


def test_a_channel_of_another_kind_keeps_nothing_of_the_first(
    admin: Client, make_channel: Make
) -> None:
    channel = make_channel(f"https://hooks.test/{SECRET}", signing_key="key")
    save(admin, channel, kind="email", recipients="a@example.com")
    channel.refresh_from_db()
    assert (channel.url_ciphertext, channel.key_ciphertext, channel.hint) == ("", "", "")
    answer = save(admin, channel, kind="service")
    assert errors(answer) == {"url": "A URL is needed."}


@pytest.mark.parametrize(
    ("fields", "place", "sentence"),
    [
        ({"kind": "email"}, "recipients", "needs a recipient"),
        ({"kind": "email", "recipients": "a@b.org nobody"}, "recipients", "“nobody”"),
        ({"kind": "webhook"}, "url", "A URL is needed"),
        ({"kind": "webhook", "url": "ftp://host/"}, "url", "http://"),
        ({"kind": "webhook", "url": "https:///path"}, "url", "http://"),
        ({"kind": "webhook", "url": "https://[broken/"}, "url", "http://"),
        ({"kind": "service", "url": "nosuch://host"}, "url", "knows no service"),
        ({"kind": "service", "url": "slack://a/b/c?template=/etc/passwd"}, "url", "file"),
        (
            {"kind": "webhook", "url": "https://h.test/", "all_plans": ""},
            "plans",
            "at least one plan",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(
    admin: Client, fields: dict[str, Any], place: str, sentence: str
) -> None:
    found = errors(save(admin, **fields))
    assert set(found) == {place}
    assert sentence in found[place]
    assert not Channel.objects.exists()


def test_without_a_mail_server_an_email_channel_is_refused(
    admin: Client, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    found = errors(save(admin, kind="email", recipients="a@example.com"))
    assert "EMAIL_HOST" in found["kind"]


def test_it_may_hear_of_some_plans_only(admin: Client) -> None:
    saved = make_plan(make_case())
    save(admin, kind="email", recipients="a@example.com", all_plans="", plans=[saved.pk])
    assert list(Channel.objects.get().plans.all()) == [saved]


def press_test(client: Client, channel: Channel) -> Any:
    url = reverse("admin:runs_channel_test_detail", args=[channel.pk])
    return client.post(url, {"_form_submitted": "True"}, follow=True)


def test_a_test_message_goes_out_at_once(
    admin: Client, make_channel: Make, target: Target, mail_server: MailServer
) -> None:
    webhook = make_channel(f"{target.url}/status/200", name="hook")
    press_test(admin, webhook)
    document = json.loads(target.requests[0].body)
    assert (document["event"], document["channel"]) == ("test", "hook")
    letters = make_channel()
    press_test(admin, letters)
    assert "A test of the channel" in mail_server.letters[0]["Subject"]
    assert not Delivery.objects.exists()


def test_a_test_message_that_fails_says_why(
    admin: Client, make_channel: Make, target: Target
) -> None:
    channel = make_channel(f"{target.url}/status/403/{SECRET}")
    press_test(admin, channel)
    page = admin.get(reverse("admin:runs_channel_change", args=[channel.pk]))
    assert "The webhook was answered with 403." in page.content.decode()
    assert SECRET not in page.content.decode()


def test_opening_the_dialog_sends_nothing_and_a_reader_cannot_press_it(
    admin: Client, client: Client, make_channel: Make, target: Target
) -> None:
    channel = make_channel(f"{target.url}/status/200")
    assert (
        admin.get(reverse("admin:runs_channel_test_detail", args=[channel.pk])).status_code
        == 200
    )
    reader = make_user(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_channel"))
    client.force_login(reader)
    page = client.get(reverse("admin:runs_channel_change", args=[channel.pk]))
    assert page.status_code == 200
    assert press_test(client, channel).status_code == 403
    assert target.requests == []


def test_the_page_shows_what_was_sent_and_why_not(
    admin: Client, nightly: Make, make_channel: Make
) -> None:
    run = nightly("f", announced_at=timezone.now())
    delivery = Delivery.objects.create(
        run=run, channel=make_channel(), news="broken", reason="It was answered with 500."
    )
    for page in (
        reverse("admin:runs_channel_change", args=[delivery.channel_id]),
        reverse("admin:runs_delivery_changelist"),
        reverse("admin:runs_delivery_change", args=[delivery.pk]),
        reverse("admin:runs_run_change", args=[run.pk]),
    ):
        text = admin.get(page).content.decode()
        assert "It was answered with 500." in text
        assert "nightly" in text


def test_who_may_delete_channels_deletes_one_that_has_sent_messages(
    client: Client, nightly: Make, make_channel: Make
) -> None:
    delivery = Delivery.objects.create(run=nightly("f"), channel=make_channel(), news="broken")
    user = make_user(is_staff=True)
    wanted = ("view_channel", "delete_channel")
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    client.force_login(user)
    url = reverse("admin:runs_channel_delete", args=[delivery.channel_id])
    assert client.post(url, {"post": "yes"}).status_code == 302
    assert not Channel.objects.exists()


def test_given_up_messages_can_be_sent_again(
    admin: Client, nightly: Make, make_channel: Make, sent: list[tuple[str, int]]
) -> None:
    delivery = Delivery.objects.create(
        run=nightly("f"), channel=make_channel(), news="broken", status="given_up", n_tries=5
    )
    data = {"action": "send_again", "_selected_action": [delivery.pk]}
    admin.post(reverse("admin:runs_delivery_changelist"), data)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.n_tries) == ("waiting", 0)
    assert sent == [("runs.tasks.deliver", delivery.pk)]
