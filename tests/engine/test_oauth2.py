"""OAuth 2.0 against a token endpoint of oauthlib, which verifies what it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cases.engine.auth.tokens import Token, Tokens
from cases.engine.outcome import Outcome
from cases.engine.runner import run_case
from cases.engine.spec import AuthSpec, CaseSpec, EnvironmentSpec, StepSpec
from cases.engine.transport import Session
from cases.engine.variables import Variables
from tests.engine.asking import Asking, check
from tests.token_server import CLIENT, USER, TokenServer

OK = (check("status", expected=200),)


@pytest.fixture
def tokens_from() -> Iterator[TokenServer]:
    with TokenServer() as server:
        yield server


def oauth2(**values: str) -> AuthSpec:
    known = {
        "token_url": "/token",
        "client_id": "{{client}}",
        "client_secret": "{{client_secret}}",
        "username": USER[0],
        "password": "{{password}}",
    }
    return AuthSpec.of("oauth2", **{**known, **values})


VARIABLES = {"client": CLIENT[0], "client_secret": CLIENT[1], "password": USER[1]}


@pytest.mark.parametrize("grant", ["client_credentials", "password"])
@pytest.mark.parametrize("client_in", ["header", "body"])
def test_a_token_is_fetched_and_used(
    tokens_from: TokenServer, session: Session, grant: str, client_in: str
) -> None:
    result = Asking(tokens_from.url, session).step(
        "/api",
        auth=oauth2(grant=grant, client_in=client_in, scope="read write"),
        assertions=OK,
        variables=VARIABLES,
    )
    assert result.outcome is Outcome.PASSED, result.message
    assert [exchange.purpose for exchange in result.exchanges] == ["token", ""]
    assert tokens_from.issued[0]["scope"] == "read write"


def test_neither_the_token_nor_a_password_is_in_the_record(
    tokens_from: TokenServer, session: Session
) -> None:
    result = Asking(tokens_from.url, session).step(
        "/api",
        auth=oauth2(grant="password", client_in="body"),
        variables=VARIABLES,
        assertions=(check("json", "$.you_sent", "equals", expected="x"),),
    )
    for secret in (tokens_from.issued[0]["access_token"], CLIENT[1], "s3cret", "ss=word"):
        assert secret not in repr(result)
    assert "grant_type=password" in repr(result.exchanges[0].request.body)


def test_the_steps_of_a_case_use_one_token(tokens_from: TokenServer, session: Session) -> None:
    step = StepSpec(url="/api", auth=oauth2(), assertions=OK)
    attempt = Asking(tokens_from.url, session).case(step, step, variables=VARIABLES)
    assert attempt.outcome is Outcome.PASSED, attempt.message
    assert len(tokens_from.issued) == 1


def test_a_revoked_token_is_replaced_once(tokens_from: TokenServer, session: Session) -> None:
    tokens = Tokens()
    asking = Asking(tokens_from.url, session)
    step = StepSpec(url="/api", auth=oauth2(), assertions=OK)
    assert asking.case(step, variables=VARIABLES, tokens=tokens).outcome is Outcome.PASSED
    tokens_from.revoked.add(tokens_from.issued[0]["access_token"])
    result = asking.case(step, variables=VARIABLES, tokens=tokens).steps[0]
    assert result.outcome is Outcome.PASSED, result.message
    assert [exchange.purpose for exchange in result.exchanges] == ["", "token", "auth"]
    assert len(tokens_from.issued) == 2


def test_a_fresh_token_that_is_refused_is_the_answer(
    tokens_from: TokenServer, session: Session
) -> None:
    tokens_from.issued = _Forgetful()
    step = StepSpec(url="/api", auth=oauth2(), assertions=OK)
    result = Asking(tokens_from.url, session).case(step, variables=VARIABLES).steps[0]
    assert result.outcome is Outcome.FAILED
    assert [exchange.purpose for exchange in result.exchanges] == ["token", ""]


def test_a_fresh_token_that_is_revoked_on_its_way_is_replaced_by_that_of_another_case(
    tokens_from: TokenServer, session: Session
) -> None:
    asking = Asking(tokens_from.url, session)
    step = StepSpec(url="/api", auth=oauth2(), assertions=OK)

    class Overtaken(Tokens):
        """Before the first token is sent it is revoked, and another case notices."""

        def get(self, *asked: Any) -> Token:
            token = super().get(*asked)
            if not tokens_from.revoked:
                tokens_from.revoked.add(token.value)
                asking.case(step, variables=VARIABLES, tokens=self)
            return token

    result = asking.case(step, variables=VARIABLES, tokens=Overtaken()).steps[0]
    assert result.outcome is Outcome.PASSED, result.message
    assert [exchange.purpose for exchange in result.exchanges] == ["token", "", "auth"]
    assert len(tokens_from.issued) == 2


def test_a_token_that_ends_at_once_is_fetched_for_every_step(session: Session) -> None:
    with TokenServer(expires_in=-1) as server:
        step = StepSpec(url="/api", auth=oauth2(), assertions=OK)
        attempt = Asking(server.url, session).case(step, step, variables=VARIABLES)
        assert attempt.outcome is Outcome.PASSED, attempt.message
        assert len(server.issued) == 2


def test_many_threads_fetch_one_token(tokens_from: TokenServer) -> None:
    tokens = Tokens()
    spec = CaseSpec(
        name="c", path="c", steps=(StepSpec(url="/api", auth=oauth2(), assertions=OK),)
    )

    def run(_: int) -> Outcome:
        return run_case(
            spec,
            Variables([("case", VARIABLES)]),
            Session(),
            environment=EnvironmentSpec(base_url=tokens_from.url),
            tokens=tokens,
        ).outcome

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(run, range(24))) == {Outcome.PASSED}
    assert len(tokens_from.issued) == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"client_secret": "wrong"},
            '/token gave no access token, but status 401: "invalid_client".',
        ),
        ({"scope": "admin"}, '/token gave no access token, but status 400: "invalid_scope".'),
        ({"token_url": "http://127.0.0.1:1/"}, "Could not connect to 127.0.0.1:1"),
        ({"token_url": "ftp://x/"}, "only http and https are sent"),
        ({"client_id": "{{nobody}}"}, "Variable {{nobody}} in the auth client_id of step 1"),
    ],
)
def test_no_token_is_an_error_that_says_why(
    tokens_from: TokenServer, session: Session, values: dict[str, str], sentence: str
) -> None:
    result = Asking(tokens_from.url, session).step(
        "/api", auth=oauth2(**values), assertions=OK, variables=VARIABLES
    )
    assert result.outcome is Outcome.ERROR
    assert sentence in result.message


class _Forgetful(list[dict[str, Any]]):
    """A server that does not know its own tokens."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(())
