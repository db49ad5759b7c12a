"""Certificates are verified unless the environment says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cases.engine.outcome import Outcome
from cases.engine.spec import BodySpec
from cases.engine.transport import Session
from tests.engine.asking import Asking, keep
from tests.http2_server import Http2Server
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


# --- client certificates ----------------------------------------------------------------


@pytest.fixture(scope="module")
def asks_back() -> Iterator[Target]:
    with Target(tls=True, asks_client=True) as target:
        yield target


def client(target: Target, **fields: str) -> dict[str, str]:
    return {
        "ca_certificate": target.ca_certificate,
        "client_certificate": target.certificates.client_certificate,
        "client_key": "{{key}}",
        **fields,
    }


def test_a_client_certificate_opens_the_door(asks_back: Target, session: Session) -> None:
    key = asks_back.certificates.client_key
    result = Asking(asks_back.url, session).step(
        "/echo", environment=client(asks_back), variables={"key": key}, secrets=(key,)
    )
    assert result.outcome is Outcome.PASSED, result.message
    assert "PRIVATE KEY" not in repr(result)


def test_who_has_none_or_another_ones_is_refused(asks_back: Target, session: Session) -> None:
    asking = Asking(asks_back.url, session)
    none = {"ca_certificate": asks_back.ca_certificate}
    with Target(tls=True, asks_client=True) as other:
        stranger = client(asks_back, client_certificate=other.certificates.client_certificate)
        results = [
            asking.step("/echo", environment=none),
            asking.step(
                "/echo",
                environment=stranger,
                variables={"key": other.certificates.client_key},
            ),
        ]
    assert [result.outcome for result in results] == [Outcome.ERROR, Outcome.ERROR]


@pytest.mark.parametrize("key", ["not a key", "{{$uuid}}", ""])
def test_a_key_that_does_not_fit_is_named(
    asks_back: Target, session: Session, key: str
) -> None:
    result = Asking(asks_back.url, session).step(
        "/echo", environment=client(asks_back, client_key=key)
    )
    assert result.outcome is Outcome.ERROR
    assert "The environment's client certificate or its key cannot be used" in result.message


def test_connections_with_and_without_a_certificate_are_not_mixed(session: Session) -> None:
    """The second asker must not go through the door that the first one opened."""
    with Target(tls=True, asks_client=True) as target:
        asking = Asking(target.url, session)
        known = {"key": target.certificates.client_key}
        first = asking.step("/echo", environment=client(target), variables=known)
        second = asking.step("/echo", environment={"ca_certificate": target.ca_certificate})
    assert (first.outcome, second.outcome) == (Outcome.PASSED, Outcome.ERROR)


# --- HTTP/2 -----------------------------------------------------------------------------


def test_http_2_is_spoken_where_the_environment_asks_for_it(session: Session) -> None:
    with Http2Server() as server:
        result = Asking(server.url, session).step(
            "/a%2Fb?q=1",
            method="POST",
            headers=(("X-Twice", "1"), ("X-Twice", "2"), ("X-Empty", "")),
            body=BodySpec(kind="raw", text="body"),
            environment={"ca_certificate": server.ca_certificate, "http2": True},
            extractions=(keep("asked", "json", "$"),),
        )
    assert result.outcome is Outcome.PASSED, result.message
    response = result.exchanges[0].response
    assert response is not None
    assert (response.version, response.status) == ("2", 200)
    asked = [tuple(pair) for pair in result.extractions[0].value]
    assert dict(asked)[":path"] == "/a%2Fb?q=1"
    assert dict(asked)[":authority"] == server.url.removeprefix("https://")
    assert [pair for pair in asked if pair[0].startswith("x-")] == [
        ("x-twice", "1"),
        ("x-twice", "2"),
        ("x-empty", ""),
    ]


def test_a_target_without_http_2_is_asked_with_1_1(secure: Target, session: Session) -> None:
    environment = {"ca_certificate": secure.ca_certificate, "http2": True}
    result = Asking(secure.url, session).step("/echo", environment=environment)
    assert result.outcome is Outcome.PASSED, result.message
    assert secure.requests[-1].raw.startswith(b"GET /echo HTTP/1.1\r\n")
