"""Redirects are followed hop by hop; every hop is an exchange of the step."""

from __future__ import annotations

import pytest

from cases.engine.outcome import Outcome
from cases.engine.spec import AuthSpec, BodySpec, StepSpec
from tests.engine.asking import Asking, check, keep
from tests.target import Target

BODY = BodySpec(kind="raw", text="payload", content_type="text/plain")
BEARER = AuthSpec.of("bearer", token="t0ken")


def test_every_hop_is_recorded(target: Target, asking: Asking) -> None:
    arrived = check("url", expected=f"{target.url}/echo")
    result = asking.step("/redirect/3", assertions=(arrived,))
    assert result.outcome is Outcome.PASSED, result.message
    assert [one.response.status for one in result.exchanges] == [302, 302, 302, 200]


@pytest.mark.parametrize(
    ("status", "method", "follows_with", "body"),
    [
        (301, "POST", "GET", ""),
        (302, "POST", "GET", ""),
        (303, "POST", "GET", ""),
        (303, "PUT", "GET", ""),
        (301, "PUT", "PUT", "payload"),
        (302, "DELETE", "DELETE", "payload"),
        (307, "POST", "POST", "payload"),
        (308, "POST", "POST", "payload"),
        (308, "PATCH", "PATCH", "payload"),
    ],
)
def test_the_method_and_the_body_after_a_redirect(
    target: Target, asking: Asking, status: int, method: str, follows_with: str, body: str
) -> None:
    asking.step(f"/redirect-to?url=/echo&status={status}", method=method, body=BODY)
    last = target.requests[-1]
    assert (last.path, last.method, last.body.decode()) == ("/echo", follows_with, body)
    described = last.header("Content-Type") is not None
    assert described is bool(body)


def test_head_stays_head(target: Target, asking: Asking) -> None:
    asking.step("/redirect-to?url=/echo&status=303", method="HEAD")
    assert target.requests[-1].method == "HEAD"


@pytest.mark.parametrize("status", [200, 201, 300, 304, 305])
def test_other_statuses_are_answers_even_with_a_location(
    target: Target, asking: Asking, status: int
) -> None:
    result = asking.step(f"/redirect-to?url=/echo&status={status}")
    assert result.outcome is Outcome.PASSED
    assert len(target.requests) == 1


def test_a_redirect_may_be_the_answer(asking: Asking) -> None:
    result = asking.step(
        "/redirect/2", follow_redirects=False, assertions=(check("status", expected=302),)
    )
    assert result.outcome is Outcome.PASSED
    assert len(result.exchanges) == 1


def test_the_limit_counts_redirects(target: Target, asking: Asking) -> None:
    assert asking.step("/redirect/3", max_redirects=3).outcome is Outcome.PASSED
    target.clear()
    result = asking.step("/redirect/3", max_redirects=2)
    assert result.outcome is Outcome.ERROR
    assert result.message == "The answer redirects more than 2 times."
    assert len(target.requests) == 3


def test_credentials_stay_with_the_host(target: Target, asking: Asking) -> None:
    with Target() as other:
        asking.step(
            f"/redirect-to?url={other.url}/echo",
            auth=BEARER,
            headers=(("Cookie", "mine=1"), ("X-Kept", "yes")),
        )
        arrived = other.requests[0]
    assert target.requests[0].header("Authorization") == "Bearer t0ken"
    assert arrived.header("Authorization") is None
    assert arrived.header("Cookie") is None
    assert arrived.header("X-Kept") == "yes"
    assert arrived.header("Host") == other.address


def test_credentials_stay_on_the_same_host(target: Target, asking: Asking) -> None:
    asking.step("/redirect-to?url=/echo", auth=BEARER)
    assert target.requests[-1].header("Authorization") == "Bearer t0ken"


def test_cookies_set_on_the_way_are_sent_and_can_be_read(
    target: Target, asking: Asking
) -> None:
    result = asking.step(
        "/redirect-to?url=/echo&cookie=sid=abc",
        extractions=(keep("sid", "cookie", "sid"),),
    )
    assert target.requests[-1].header("Cookie") == "sid=abc"
    assert result.extractions[0].value == "abc"


def test_a_written_cookie_wins_over_the_jar_by_name(target: Target, asking: Asking) -> None:
    asking.case(
        StepSpec(url="/cookies/set?a=jar&b=jar"),
        StepSpec(url="/echo", headers=(("Cookie", "a=mine"),)),
    )
    assert target.requests[-1].header("Cookie") == "a=mine; b=jar"


@pytest.mark.parametrize("location", ["ftp://x/", "http://", "http://h:port/", "javascript:1"])
def test_a_location_that_cannot_be_asked_is_named(asking: Asking, location: str) -> None:
    result = asking.step(f"/redirect-to?url={location}")
    assert result.outcome is Outcome.ERROR
    assert location in result.message


def test_a_location_is_sent_as_it_came(target: Target, asking: Asking) -> None:
    asking.step(f"/redirect-to?url={target.url}/a%252fb/../c")
    assert target.requests[-1].target == "/a%2fb/../c"
