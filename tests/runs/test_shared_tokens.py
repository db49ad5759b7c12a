"""An access token is fetched once for a run, not once for each case."""

from __future__ import annotations

import pytest

from runs.execution.pool import Crew
from tests.factories import make_case, make_environment, make_run
from tests.runs.working import work_off
from tests.token_server import CLIENT, TokenServer

pytestmark = pytest.mark.django_db

AUTH = {
    "kind": "oauth2",
    "values": [["token_url", "/token"], ["client_id", CLIENT[0]], ["client_secret", CLIENT[1]]],
}


def test_the_cases_of_a_run_share_a_token_and_runs_do_not(crew: Crew) -> None:
    with TokenServer() as server:
        cases = [make_case(steps=[{"url": "/api", "auth": AUTH}]) for _ in range(5)]
        environment = make_environment(server.url)
        for n_runs in (1, 2):
            run = make_run(*cases, environment=environment)
            work_off(run, crew)
            assert set(run.results.values_list("outcome", flat=True)) == {"passed"}
            assert len(server.issued) == n_runs
