"""Row 5: what one case sends on a thread is unseen by the next case on that thread."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import local

import pytest
import requests

from cases.models import Environment
from runs.execution.chunk import run_chunk
from runs.execution.dispatch import dispatch
from runs.execution.pool import Crew
from tests.factories import make_case, make_environment, make_run
from tests.target import Target


@pytest.fixture
def crew() -> Iterator[Crew]:
    """One thread, so that every case meets what the case before it left there."""
    crew = Crew(1)
    yield crew
    crew.leave()


def test_a_plain_pool_with_a_session_a_thread_sends_the_cookie_of_another_case(
    target: Target,
) -> None:
    """(a) and (b) alike, `close_old_connections()` knows nothing of HTTP: the thread's
    `requests.Session` keeps the cookie and the credentials that the case before set."""
    own = local()

    def session() -> requests.Session:
        if not hasattr(own, "session"):
            own.session = requests.Session()
        return own.session

    def first() -> None:
        session().auth = ("alice", "wonderland")
        session().get(f"{target.url}/cookies/set?sid=of-alice")

    with ThreadPoolExecutor(1) as pool:
        pool.submit(first).result()
        pool.submit(lambda: session().get(f"{target.url}/echo")).result()
    leaked = target.requests[-1]
    assert leaked.header("Cookie") == "sid=of-alice"
    assert (leaked.header("Authorization") or "").startswith("Basic ")


@pytest.mark.django_db(transaction=True)
def test_cookies_and_credentials_of_a_case_are_unseen_by_the_next(
    target: Target, crew: Crew
) -> None:
    login = [
        {"url": "/cookies/set?sid=of-alice"},
        {
            "url": "/echo",
            "auth": {
                "kind": "basic",
                "values": [["username", "alice"], ["password", "wonderland"]],
            },
        },
    ]
    cases = [make_case(steps=login), make_case(steps=[{"url": "/echo"}])]
    _run(crew, make_environment(target.url), *cases)
    _first, second, third = target.requests
    assert second.header("Cookie") == "sid=of-alice"
    assert (second.header("Authorization") or "").startswith("Basic ")
    assert third.header("Cookie") is None
    assert third.header("Authorization") is None


@pytest.mark.django_db(transaction=True)
def test_a_proxy_of_one_run_is_unseen_by_the_next(target: Target, crew: Crew) -> None:
    case = make_case(steps=[{"url": "/echo"}])
    with Target() as proxy:
        _run(crew, make_environment(target.url, proxy=proxy.url), case)
        _run(crew, make_environment(target.url), case)
        assert len(proxy.requests) == 1
    assert len(target.requests) == 1


@pytest.mark.django_db(transaction=True)
def test_what_one_environment_trusts_the_next_does_not(crew: Crew) -> None:
    """An own authority, or no verification at all: neither reaches the next run, not even
    over a connection that is open already."""
    case = make_case(steps=[{"url": "/status/200"}])
    with Target(tls=True) as secure:
        environments = [
            make_environment(secure.url, ca_certificate=secure.ca_certificate),
            make_environment(secure.url),
            make_environment(secure.url, verify_tls=False),
            make_environment(secure.url),
        ]
        outcomes = [_run(crew, environment, case) for environment in environments]
    assert outcomes == [["passed"], ["error"], ["passed"], ["error"]]


def _run(crew: Crew, environment: Environment, *cases: object) -> list[str]:
    run = make_run(*cases, environment=environment)
    for chunk_id in dispatch(run.pk):
        run_chunk(chunk_id, crew, lease_s=30)
    return list(run.results.order_by("pk").values_list("outcome", flat=True))
