"""The mail server's settings: one word for its security instead of two switches and a port."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from testhub.env import TOP, SettingsError


def settings_with(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(TOP / "testhub" / "settings.py"))


@pytest.mark.parametrize(
    ("security", "starttls", "tls", "port"),
    [("none", False, False, 25), ("starttls", True, False, 587), ("tls", False, True, 465)],
)
def test_the_security_decides_the_port(
    security: str, starttls: bool, tls: bool, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = settings_with(monkeypatch, EMAIL_SECURITY=security)
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (starttls, tls)
    assert found["EMAIL_PORT"] == port


def test_a_port_of_its_own_and_a_password_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret\n")
    found = settings_with(
        monkeypatch, EMAIL_PORT="2525", EMAIL_HOST_PASSWORD_FILE=str(file), EMAIL_FROM="a@b.org"
    )
    assert (found["EMAIL_PORT"], found["EMAIL_HOST_PASSWORD"]) == (2525, "s3cret")
    assert found["DEFAULT_FROM_EMAIL"] == "a@b.org"


def test_another_word_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="EMAIL_SECURITY='ssl'.*none, starttls, tls"):
        settings_with(monkeypatch, EMAIL_SECURITY="ssl")
