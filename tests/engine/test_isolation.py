"""Case B on the same session sees nothing of case A, though connections are kept."""

from __future__ import annotations

import pytest

from cases.engine.outcome import Outcome
from cases.engine.runner import run_case
from cases.engine.spec import AuthSpec, CaseSpec, EnvironmentSpec, StepSpec
from cases.engine.transport import Session
from cases.engine.variables import Variables
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


def test_a_case_asks_where_its_environment_says(target: Target, session: Session) -> None:
    """A URL without placeholders is read once: for one environment, not for all."""
    with Target() as other:
        case = CaseSpec(name="case", path="case", steps=(StepSpec(url="/echo"),))
        for asked in (target, other, target, target, other):
            environment = EnvironmentSpec(base_url=asked.url)
            attempt = run_case(case, Variables(()), session, environment=environment)
            assert attempt.steps[0].exchanges[0].request.url == f"{asked.url}/echo"
        assert (len(target.requests), len(other.requests)) == (3, 2)


@pytest.mark.parametrize(
    "step",
    [
        StepSpec(url="/echo?q={{q}}"),
        StepSpec(url="/echo", params=(("q", "{{q}}"),)),
        StepSpec(url="/echo/{name}", path_params=(("name", "x"),), params=(("q", "{{q}}"),)),
        StepSpec(
            url="/echo",
            auth=AuthSpec.of("api_key", place="query", name="q", value="{{q}}"),
        ),
    ],
)
def test_a_url_is_made_of_the_values_of_its_own_case(
    step: StepSpec, target: Target, session: Session
) -> None:
    case = CaseSpec(name="case", path="case", steps=(step,))
    for value in ("1", "2"):
        variables = Variables([("case", {"q": value})])
        environment = EnvironmentSpec(base_url=target.url)
        run_case(case, variables, session, environment=environment)
        assert target.requests[-1].arg("q") == value


def test_a_base_url_is_made_of_the_values_of_its_own_case(
    target: Target, session: Session
) -> None:
    case = CaseSpec(name="case", path="case", steps=(StepSpec(url="/echo"),))
    environment = EnvironmentSpec(base_url=f"{target.url}/{{{{where}}}}")
    for where in ("status", "json"):
        variables = Variables([("environment", {"where": where})])
        run_case(case, variables, session, environment=environment)
        assert target.requests[-1].path == f"/{where}/echo"
