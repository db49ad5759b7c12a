from __future__ import annotations

import pytest

from cases.engine.outcome import Outcome
from cases.engine.transport import Session
from tests.engine.asking import Asking
from tests.target import Target


def test_a_proxy_is_asked_with_the_whole_url(target: Target, session: Session) -> None:
    asking = Asking("http://api.invalid/v1", session)
    result = asking.step("/a%2fb?x=1", environment={"proxy": target.url})
    assert result.outcome is Outcome.PASSED
    assert target.requests[0].target == "http://api.invalid/v1/a%2fb?x=1"
    assert target.requests[0].header("Host") == "api.invalid"


def test_https_goes_through_a_tunnel(target: Target, session: Session) -> None:
    with Target(tls=True) as secure:
        result = Asking(secure.url, session).step(
            "/echo",
            environment={"proxy": target.url, "ca_certificate": secure.ca_certificate},
            headers=(("Authorization", "Bearer for-the-api-only"),),
        )
        assert result.outcome is Outcome.PASSED, result.message
        assert secure.requests[0].path == "/echo"
    assert target.requests[0].method == "CONNECT"
    assert target.requests[0].header("Authorization") is None
    # The tunnel's own answer is not the target's.
    assert "Via" not in dict(result.exchanges[0].response.headers)


def test_proxy_credentials_may_be_variables_and_are_redacted(
    target: Target, session: Session
) -> None:
    result = Asking("http://api.invalid", session).step(
        "/echo",
        variables={"pass": "s3cr3t!"},
        secrets=("s3cr3t!",),
        environment={"proxy": f"http://me:{{{{pass | url_encode}}}}@{target.address}"},
    )
    assert result.outcome is Outcome.PASSED, result.message
    sent = target.requests[0].header("Proxy-Authorization")
    assert sent == "Basic bWU6czNjcjN0IQ=="
    assert ("Proxy-Authorization", "Basic ***") in result.exchanges[0].request.headers


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1:1", "http://", "nonsense here"])
def test_a_broken_proxy_is_named(session: Session, proxy: str) -> None:
    result = Asking("http://api.invalid", session).step("/", environment={"proxy": proxy})
    assert result.outcome is Outcome.ERROR
    assert proxy in result.message


def test_a_proxy_that_is_down_is_named(session: Session) -> None:
    proxy = {"proxy": "http://me:secret@127.0.0.1:1"}
    result = Asking("http://api.invalid", session).step("/", environment=proxy)
    assert result.outcome is Outcome.ERROR
    assert result.message == "Could not connect to the proxy 127.0.0.1:1 (connection refused)."


def test_a_proxy_that_refuses_the_tunnel_is_an_error(target: Target, session: Session) -> None:
    proxy = {"proxy": target.url}
    result = Asking("https://127.0.0.1:1", session).step("/", environment=proxy)
    assert result.outcome is Outcome.ERROR
    assert "127.0.0.1:1" in result.message
