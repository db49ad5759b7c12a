"""What follows from the address under which people reach the console."""

from __future__ import annotations

import runpy
from typing import Any

import pytest
from django.test import Client

from testhub.env import TOP
from tests.factories import make_user


def settings_with(public_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("PUBLIC_URL", public_url)
    return runpy.run_path(str(TOP / "testhub" / "settings.py"))


@pytest.mark.parametrize(
    ("public_url", "over_tls"),
    [("https://testhub.example.com", True), ("http://10.0.0.5:8000", False)],
)
def test_with_tls_cookies_are_sent_over_tls_only(
    public_url: str, over_tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = settings_with(public_url, monkeypatch)
    assert found["SESSION_COOKIE_SECURE"] is over_tls
    assert found["CSRF_COOKIE_SECURE"] is over_tls
    assert found["CSRF_TRUSTED_ORIGINS"] == [public_url]


@pytest.mark.django_db
def test_a_form_opened_over_tls_is_accepted_behind_a_proxy(settings: Any) -> None:
    """Which hands it on over plain HTTP, and may have forgotten to say so."""
    make_user(username="mei", password="a long password", is_staff=True)
    settings.CSRF_TRUSTED_ORIGINS = ["https://testhub.example.com"]
    settings.ALLOWED_HOSTS = ["testhub.example.com"]
    browser = Client(enforce_csrf_checks=True, headers={"Host": "testhub.example.com"})
    browser.get("/admin/login/")
    form = {
        "username": "mei",
        "password": "a long password",
        "csrfmiddlewaretoken": browser.cookies["csrftoken"].value,
    }
    answer = browser.post(
        "/admin/login/", form, headers={"Origin": "https://testhub.example.com"}
    )
    assert answer.status_code == 302
    other = browser.post("/admin/login/", form, headers={"Origin": "https://evil.example"})
    assert other.status_code == 403
