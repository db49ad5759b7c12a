"""An access token is fetched once for a run, not once for each case or each process."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from cases.engine.auth.tokens import Token
from runs.execution import chunk
from runs.execution.desk import Turn
from runs.execution.pool import Crew
from runs.execution.shared import RunLedger
from runs.models import Run, SharedValue
from tests.factories import make_case, make_environment, make_run
from tests.runs.working import work_off
from tests.token_server import CLIENT, TokenServer

pytestmark = pytest.mark.django_db

AUTH = {
    "kind": "oauth2",
    "values": [["token_url", "/token"], ["client_id", CLIENT[0]], ["client_secret", CLIENT[1]]],
}
ASKED = "what is asked for"


def make_login_run(server: TokenServer, n_cases: int = 5) -> Run:
    cases = [make_case(steps=[{"url": "/api", "auth": AUTH}]) for _ in range(n_cases)]
    return make_run(*cases, environment=make_environment(server.url))


def outcomes(run: Run) -> set[str]:
    return set(run.results.values_list("outcome", flat=True))


def test_the_cases_of_a_run_share_a_token_and_runs_do_not(crew: Crew) -> None:
    with TokenServer() as server:
        for n_runs in (1, 2):
            run = make_login_run(server)
            work_off(run, crew)
            assert outcomes(run) == {"passed"}
            assert len(server.issued) == n_runs


def test_a_run_that_ended_keeps_no_token(crew: Crew) -> None:
    with TokenServer() as server:
        work_off(make_login_run(server), crew)
    assert not SharedValue.objects.exists()


def test_a_thread_that_asks_wakes_the_main_thread(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk, "PAUSE_S", 30)
    with TokenServer() as server:
        run = make_login_run(server)
        began = time.monotonic()
        work_off(run, crew)
    assert outcomes(run) == {"passed"}
    assert time.monotonic() - began < 3 * 0.5 + 2


@pytest.fixture
def run() -> Run:
    return make_run(make_case(), environment=make_environment())


def end_claims() -> None:
    # Not at this moment: SQLite counts milliseconds, and in the same one they have not ended.
    SharedValue.objects.update(claim_until=Now() - timedelta(seconds=1))


def test_one_of_two_processes_is_told_to_fetch(run: Run) -> None:
    ours, theirs = RunLedger(run.pk), RunLedger(run.pk)
    assert ours.take(ASKED, "", "claim 1") is Turn.OURS
    assert theirs.take(ASKED, "", "claim 2") is Turn.THEIRS
    ours.keep("claim 1", Token("t0ken"))
    found = theirs.take(ASKED, "", "claim 2")
    assert isinstance(found, Token)
    assert found.value == "t0ken"


def test_asking_again_with_the_same_claim_is_fine(run: Run) -> None:
    """The answer of the first try may have been lost with the connection."""
    ledger = RunLedger(run.pk)
    assert ledger.take(ASKED, "", "claim") is Turn.OURS
    assert ledger.take(ASKED, "", "claim") is Turn.OURS


@pytest.mark.parametrize(
    ("token", "refused", "is_used"),
    [
        (Token("t0ken"), "", True),
        (Token("t0ken"), "older", True),
        (Token("t0ken"), "t0ken", False),
        (Token("t0ken", ends=time.monotonic() - 1), "", False),
        (Token("t0ken", ends=time.monotonic() + 3600), "", True),
        (Token("t0ken", ends=1e300), "", True),
    ],
)
def test_a_token_is_used_while_it_lasts_and_is_not_refused(
    run: Run, token: Token, refused: str, is_used: bool
) -> None:
    first, second = RunLedger(run.pk), RunLedger(run.pk)
    first.take(ASKED, "", "claim 1")
    first.keep("claim 1", token)
    found = second.take(ASKED, refused, "claim 2")
    assert isinstance(found, Token) is is_used
    if isinstance(found, Token):
        assert (found.value, found.scheme) == (token.value, token.scheme)
        assert found.ends == pytest.approx(token.ends, abs=30) or found.ends == float("inf")
    else:
        assert found is Turn.OURS


def test_what_is_asked_for_differently_is_another_token(run: Run) -> None:
    ledger = RunLedger(run.pk)
    assert ledger.take("one", "", "claim 1") is Turn.OURS
    assert ledger.take("two", "", "claim 2") is Turn.OURS


def test_a_fetcher_that_failed_lets_the_next_one_try(run: Run) -> None:
    ours, theirs = RunLedger(run.pk), RunLedger(run.pk)
    ours.take(ASKED, "", "claim 1")
    ours.drop("claim 1")
    assert theirs.take(ASKED, "", "claim 2") is Turn.OURS


def test_a_claim_ends_with_its_worker(run: Run) -> None:
    RunLedger(run.pk).take(ASKED, "", "of the dead")
    end_claims()
    assert RunLedger(run.pk).take(ASKED, "", "of the living") is Turn.OURS


def test_a_claim_is_renewed_while_its_worker_lives(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.execution.shared.RENEW_S", 0)
    ledger = RunLedger(run.pk)
    ledger.take(ASKED, "", "claim")
    end_claims()
    ledger.renew()
    assert RunLedger(run.pk).take(ASKED, "", "another") is Turn.THEIRS


def test_who_was_taken_for_dead_stores_nothing(run: Run) -> None:
    late, living = RunLedger(run.pk), RunLedger(run.pk)
    late.take(ASKED, "", "claim 1")
    end_claims()
    living.take(ASKED, "", "claim 2")
    late.keep("claim 1", Token("too late"))
    living.keep("claim 2", Token("in time"))
    late.keep("claim 1", Token("too late"))
    found = RunLedger(run.pk).take(ASKED, "", "claim 3")
    assert isinstance(found, Token)
    assert found.value == "in time"


def test_neither_token_nor_what_was_asked_stand_in_the_row(run: Run) -> None:
    ledger = RunLedger(run.pk)
    ledger.take(ASKED, "", "claim")
    ledger.keep("claim", Token("t0ken"))
    [row] = SharedValue.objects.values()
    assert "t0ken" not in str(row)
    assert ASKED not in str(row)


def test_a_token_under_a_lost_key_is_fetched_anew(
    run: Run, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = RunLedger(run.pk)
    ledger.take(ASKED, "", "claim")
    ledger.keep("claim", Token("t0ken"))
    settings.ENCRYPTION_KEYS = ["b3RoZXItdGVzdC1rZXktMzItYnl0ZXMtbG9uZyEhISE="]
    assert ledger.take(ASKED, "", "another") is Turn.OURS
    assert "cannot be read" in caplog.text
