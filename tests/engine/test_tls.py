"""Certificates are verified unless the environment says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cases.engine.outcome import Outcome
from cases.engine.transport import Session
from tests.engine.asking import Asking
from tests.target import Target


@pytest.fixture(scope="module")
def secure() -> Iterator[Target]:
    with Target(tls=True) as target:
        yield target


def test_an_unknown_authority_is_refused(secure: Target, session: Session) -> None:
    result = Asking(secure.url, session).step("/echo")
    assert result.outcome is Outcome.ERROR
    assert f"The certificate of {secure.address} was not accepted" in result.message
    assert not secure.requests


def test_the_environments_own_authority_is_accepted(secure: Target, session: Session) -> None:
    asking = Asking(secure.url, session)
    result = asking.step("/echo", environment={"ca_certificate": secure.ca_certificate})
    assert result.outcome is Outcome.PASSED, result.message
    assert result.exchanges[0].response.timings.tls_ms > 0


def test_verification_can_be_switched_off(secure: Target, session: Session) -> None:
    result = Asking(secure.url, session).step("/echo", environment={"verify_tls": False})
    assert result.outcome is Outcome.PASSED, result.message


def test_an_expired_certificate_is_refused(session: Session) -> None:
    with Target(tls=True, expired=True) as target:
        result = Asking(target.url, session).step(
            "/echo", environment={"ca_certificate": target.ca_certificate}
        )
    assert result.outcome is Outcome.ERROR
    assert "expired" in result.message


def test_a_certificate_for_another_host_is_refused(secure: Target, session: Session) -> None:
    url = secure.url.replace("127.0.0.1", "localhost")
    result = Asking(url, session).step(
        "/echo", environment={"ca_certificate": secure.ca_certificate}
    )
    assert result.outcome is Outcome.ERROR
    assert "The certificate of localhost" in result.message


def test_an_unreadable_ca_certificate_is_named(secure: Target, session: Session) -> None:
    result = Asking(secure.url, session).step(
        "/echo", environment={"ca_certificate": "not a certificate"}
    )
    assert result.outcome is Outcome.ERROR
    assert "CA certificate cannot be read" in result.message


def test_plain_http_on_a_tls_port_is_an_error(secure: Target, session: Session) -> None:
    result = Asking(f"http://{secure.address}", session).step("/echo")
    assert result.outcome is Outcome.ERROR


def test_tls_on_a_plain_port_is_an_error(asking: Asking, target: Target) -> None:
    result = asking.step(f"https://{target.address}/echo", timeout_ms=2_000)
    assert result.outcome is Outcome.ERROR
    assert "TLS" in result.message
