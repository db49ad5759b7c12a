"""Case B on the same session sees nothing of case A, though connections are kept."""

from __future__ import annotations

from cases.engine.outcome import Outcome
from cases.engine.spec import AuthSpec, StepSpec
from cases.engine.transport import Session
from tests.engine.asking import Asking, check
from tests.target import Target

BASIC = AuthSpec.of("basic", username="me", password="secret")


def test_cookies_live_across_steps_but_not_across_cases(target: Target, asking: Asking) -> None:
    asking.case(StepSpec(url="/cookies/set?sid=abc"), StepSpec(url="/echo"))
    assert target.requests[-1].header("Cookie") == "sid=abc"
    asking.case(StepSpec(url="/echo"))
    assert target.requests[-1].header("Cookie") is None


def test_auth_stays_in_its_case(target: Target, asking: Asking) -> None:
    assert asking.step("/basic/me/secret", auth=BASIC).outcome is Outcome.PASSED
    result = asking.step("/basic/me/secret", assertions=(check("status", expected=401),))
    assert result.outcome is Outcome.PASSED
    assert target.requests[0].connection == target.requests[1].connection


def test_a_proxy_stays_in_its_environment(target: Target, asking: Asking) -> None:
    with Target() as proxy:
        asking.step("/echo", environment={"proxy": proxy.url})
        asking.step("/echo")
        assert len(proxy.requests) == 1
    assert len(target.requests) == 1


def test_a_trusted_authority_stays_in_its_environment(session: Session) -> None:
    with Target(tls=True) as secure:
        asking = Asking(secure.url, session)
        trusted = {"ca_certificate": secure.ca_certificate}
        assert asking.step("/echo", environment=trusted).outcome is Outcome.PASSED
        assert asking.step("/echo").outcome is Outcome.ERROR
        lenient = {"verify_tls": False}
        assert asking.step("/echo", environment=lenient).outcome is Outcome.PASSED
        assert asking.step("/echo").outcome is Outcome.ERROR
        assert len(secure.requests) == 2


def test_a_case_that_ends_in_an_error_leaves_no_cookie(target: Target, asking: Asking) -> None:
    asking.case(StepSpec(url="/cookies/set?sid=abc"), StepSpec(url="/close"))
    asking.case(StepSpec(url="/echo"))
    assert target.requests[-1].header("Cookie") is None


def test_many_environments_keep_few_connections(target: Target, asking: Asking) -> None:
    for number in range(30):
        asking.step("/echo", environment={"ca_certificate": f"unused {number}"})
    assert asking.step("/echo").outcome is Outcome.PASSED
