"""A webhook gets a JSON document, signed if it has a key; its URL is told to nobody."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import pytest

from runs.notifications import webhook
from runs.notifications.message import Message
from runs.notifications.undelivered import Undelivered, without_url
from tests.servers import free_port
from tests.target import Target

MESSAGE = Message(title="Title", text="Text", data={"event": "test"}, is_good=True)


def test_the_document_is_posted_as_json(target: Target) -> None:
    webhook.post(f"{target.url}/status/204?token=abc", "", MESSAGE, 17)
    [asked] = target.requests
    assert (asked.method, asked.target) == ("POST", "/status/204?token=abc")
    assert asked.header("Content-Type") == "application/json"
    assert asked.header("X-Testhub-Delivery") == "17"
    assert asked.header("X-Testhub-Signature") is None
    assert json.loads(asked.body) == {"delivery": 17, "title": "Title", "event": "test"}


def test_with_a_key_the_receiver_can_verify_it(target: Target) -> None:
    """As docs/guides/notifications.md tells receivers to do it."""
    webhook.post(f"{target.url}/status/200", "a key", MESSAGE, 1)
    [asked] = target.requests
    timestamp = asked.header("X-Testhub-Timestamp") or ""
    assert abs(time.time() - int(timestamp)) < 60
    signed = timestamp.encode() + b"." + asked.body
    expected = hmac.new(b"a key", signed, hashlib.sha256).hexdigest()
    assert asked.header("X-Testhub-Signature") == f"sha256={expected}"


def test_a_name_and_a_password_in_the_url_become_a_header(target: Target) -> None:
    webhook.post(f"http://me:p%C3%A4ss@{target.address}/status/200/ü?q=ä", "", MESSAGE, 1)
    [asked] = target.requests
    assert asked.target == "/status/200/%C3%BC?q=%C3%A4"
    expected = base64.b64encode("me:päss".encode()).decode()
    assert asked.header("Authorization") == f"Basic {expected}"


def test_a_url_that_cannot_be_asked_is_not_quoted() -> None:
    with pytest.raises(Undelivered, match=r"^The URL of this webhook cannot be asked\.$"):
        webhook.post("http://[broken/T0KENT0KEN", "", MESSAGE, 1)


@pytest.mark.parametrize("status", [301, 400, 404, 500])
def test_any_other_status_is_a_failure(target: Target, status: int) -> None:
    with pytest.raises(Undelivered, match=f"answered with {status}"):
        webhook.post(f"{target.url}/status/{status}", "", MESSAGE, 1)
    assert len(target.requests) == 1


def test_an_address_that_never_answers_is_left_after_the_deadline(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_MS", 500)
    began = time.monotonic()
    with pytest.raises(Undelivered, match="within 500 ms"):
        webhook.post(f"{target.url}/slow/60000", "", MESSAGE, 1)
    assert time.monotonic() - began < 3 * 0.5 + 2


def test_the_reason_names_the_host_and_not_the_secret() -> None:
    host = f"127.0.0.1:{free_port()}"
    with pytest.raises(Undelivered) as caught:
        webhook.post(f"http://me:passw0rd@{host}/services/T0KENT0KEN", "", MESSAGE, 1)
    assert host in str(caught.value)
    assert "T0KENT0KEN" not in str(caught.value)
    assert "passw0rd" not in str(caught.value)


@pytest.mark.parametrize(
    ("sentence", "clean"),
    [
        ("see https://hooks.test/services/T%2B3456/secret here", "see *** here"),
        ("hooks.test closed the connection", "hooks.test closed the connection"),
        ("POST /services/T%2B3456/secret", "POST /***/***/***"),
        ("no T+3456", "no ***"),
    ],
)
def test_no_piece_of_the_url_is_left_in_a_sentence(sentence: str, clean: str) -> None:
    url = "https://hooks.test/services/T%2B3456/secret"
    assert without_url(sentence, url, shown="hooks.test") == clean


def test_of_a_service_the_host_is_a_secret_too() -> None:
    url = "dingtalk://T0KENT0KEN/13912345678"
    sentence = "dingtalk does not know T0KENT0KEN."
    assert without_url(sentence, url) == "dingtalk does not know ***."
