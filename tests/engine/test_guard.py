"""Addresses that operators rule out are not asked, whatever name or redirect leads there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from cases.engine import guard
from cases.engine.guard import refusal, rule
from cases.engine.outcome import Outcome
from cases.engine.spec import AuthSpec, ResendSpec
from cases.engine.transport import Session
from tests.engine.asking import Asking
from tests.target import Target

LOOPBACK = ["127.0.0.0/8", "::1"]


@pytest.fixture(autouse=True)
def own_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test rules ends with it."""
    monkeypatch.setattr(guard, "_denied", guard._denied)
    monkeypatch.setattr(guard, "_allowed", guard._allowed)
    yield


@pytest.mark.parametrize(
    ("denied", "allowed", "address", "reason"),
    [
        ([], [], "10.0.0.7", ""),
        (["10.0.0.0/8"], [], "10.0.0.7", "10.0.0.7 belongs to 10.0.0.0/8, which DENIED_"),
        (["10.0.0.0/8"], [], "11.0.0.7", ""),
        (["10.0.0.7"], [], "10.0.0.7", "10.0.0.7 belongs to 10.0.0.7/32"),
        (["10.0.0.0/8"], [], "::ffff:10.0.0.7", "10.0.0.7 belongs to 10.0.0.0/8"),
        (["fe80::/10"], [], "fe80::1%eth0", "fe80::1 belongs to fe80::/10"),
        (["fe80::/10"], [], "10.0.0.7", ""),
        ([], ["10.0.0.0/8", "::1"], "10.0.0.7", ""),
        ([], ["10.0.0.0/8", "::1"], "::1", ""),
        ([], ["10.0.0.0/8", "::1"], "11.0.0.7", "11.0.0.7 belongs to none of ALLOWED_"),
        (["10.1.0.0/16"], ["10.0.0.0/8"], "10.1.0.7", "which DENIED_TARGETS rules out"),
    ],
)
def test_rule(denied: list[str], allowed: list[str], address: str, reason: str) -> None:
    rule(denied, allowed)
    found = refusal(address)
    assert reason in found
    assert bool(found) is bool(reason)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433"])
def test_a_target_that_is_ruled_out_hears_nothing(
    target: Target, session: Session, host: str
) -> None:
    rule(LOOPBACK)
    port = target.url.rpartition(":")[2]
    result = Asking(f"http://{host}:{port}", session).step("/echo")
    assert result.outcome is Outcome.ERROR
    assert result.message.startswith("This target may not be asked: ")
    assert "DENIED_TARGETS" in result.message
    assert not target.requests


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200"])
def test_metadata_of_clouds_are_ruled_out_from_the_start(session: Session, host: str) -> None:
    result = Asking(f"http://{host}", session).step("/latest/meta-data/")
    assert result.message.startswith("This target may not be asked: ")
    assert len(result.exchanges) == 1


def test_a_redirect_is_held_against_the_rules(asking: Asking, target: Target) -> None:
    rule(["127.0.0.2"])
    away = f"http://127.0.0.2:{target.url.rpartition(':')[2]}/echo"
    result = asking.step("/redirect-to", params=(("url", away),))
    assert result.outcome is Outcome.ERROR
    assert "127.0.0.2 belongs to 127.0.0.2/32" in result.message
    assert len(target.requests) == 1


def test_a_token_endpoint_is_held_against_the_rules(asking: Asking, target: Target) -> None:
    rule(["127.0.0.2"])
    auth = AuthSpec.of(
        "oauth2", token_url="http://127.0.0.2:1/token", client_id="a", client_secret="b"
    )
    result = asking.step("/echo", auth=auth)
    assert "127.0.0.2 belongs to 127.0.0.2/32" in result.message
    assert not target.requests


def test_a_proxy_is_held_against_the_rules(target: Target, session: Session) -> None:
    rule(LOOPBACK)
    asking = Asking("http://api.invalid", session)
    result = asking.step("/echo", environment={"proxy": target.url})
    assert "DENIED_TARGETS" in result.message
    assert not target.requests


@pytest.mark.parametrize("options", [{}, {"first_byte_ms": 5_000}])
def test_what_is_allowed_is_asked_as_ever(
    asking: Asking, target: Target, options: dict[str, Any]
) -> None:
    rule([], ["127.0.0.1"])
    for _ in range(2):
        assert asking.step("/echo", **options).outcome is Outcome.PASSED
    assert len(target.requests) == 2


def test_a_target_that_is_ruled_out_is_not_asked_again(asking: Asking) -> None:
    rule(LOOPBACK)
    result = asking.step("/echo", resend=ResendSpec(times=3, on=("connect",), pause_ms=1))
    assert len(result.exchanges) == 1


def test_the_rules_are_those_of_the_settings() -> None:
    assert guard._denied == tuple(map(guard.ipaddress.ip_network, settings.DENIED_TARGETS))
    assert settings.ALLOWED_TARGETS == []
