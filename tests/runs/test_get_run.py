"""`GET /api/v1/runs/ID`: what programs ask while they wait."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from cases.engine.outcome import Outcome
from runs.execution.chunk import claim
from runs.execution.dispatch import dispatch
from runs.execution.manifest import open_units
from runs.execution.pool import Crew
from runs.execution.writer import Writer
from tests.factories import make_case, make_environment, make_run, make_token, make_user
from tests.runs.answers import assert_error
from tests.runs.landing import land
from tests.runs.working import work_off
from tests.target import Target

pytestmark = pytest.mark.django_db


def ask(run_id: object, token: str = "", **headers: str) -> Any:
    headers |= {"Authorization": f"Bearer {token or make_token()[1]}"}
    return Client(raise_request_exception=False).get(f"/api/v1/runs/{run_id}", headers=headers)


def test_a_finished_run_is_described(target: Target, crew: Crew) -> None:
    case = make_case(name="look")
    run = make_run(case, environment=make_environment(target.url, name="here"))
    work_off(run, crew)
    answer = ask(run.pk)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    times = {body.pop(name) for name in ("created_at", "started_at", "finished_at")}
    assert None not in times
    assert body.pop("rate_per_s") > 0
    assert body == {
        "id": run.pk,
        "title": "look",
        "status": "finished",
        "outcome": "passed",
        "environment": "here",
        "trigger": "command",
        "user": None,
        "message": "",
        "repeats": None,
        "repeats_failed_only": False,
        "n_total": 1,
        "n_done": 1,
        "counts": {"passed": 1, "failed": 0, "error": 0, "skipped": 0, "blocked": 0},
        "n_passed_on_retry": 0,
    }


def test_while_it_runs_counts_grow_and_equal_the_rows() -> None:
    run = make_run(*(make_case() for _ in range(4)))
    [chunk_id] = dispatch(run.pk)
    chunk = claim(chunk_id, 30)
    assert chunk is not None
    writer, token = Writer(chunk, 30), make_token()[1]
    for number, unit in enumerate(open_units(chunk), 1):
        writer.add(land(unit, Outcome.FAILED if number == 2 else Outcome.PASSED))
        writer.flush()
        body = ask(run.pk, token).json()
        assert (body["status"], body["n_done"], body["n_total"]) == ("running", number, 4)
        assert body["counts"]["failed"] == (1 if number >= 2 else 0)
        assert body["n_done"] == run.results.count()


def test_a_run_that_is_not_there_is_not_found() -> None:
    assert_error(ask(12345), 404, "not_found", "12345")
    assert_error(ask(10**25), 404, "not_found")


def test_a_number_that_is_none_is_a_bad_parameter() -> None:
    assert_error(ask("abc"), 400, "bad_parameter", "run_id")


def test_without_a_token_or_a_session_nothing_is_told() -> None:
    run = make_run(make_case())
    assert_error(Client().get(f"/api/v1/runs/{run.pk}"), 401, "unauthenticated")
    assert_error(ask(run.pk, "th_unknown"), 401, "unauthenticated")


def test_without_the_permission_to_see_runs_it_is_refused() -> None:
    _row, text = make_token(make_user(username="blind"))
    run = make_run(make_case())
    assert_error(ask(run.pk, text), 403, "forbidden", "blind", "runs.view_run")


def test_a_session_may_look() -> None:
    client = Client()
    client.force_login(make_user(is_superuser=True))
    run = make_run(make_case())
    assert client.get(f"/api/v1/runs/{run.pk}").json()["status"] == "queued"


def test_other_methods_and_addresses_have_the_same_shape() -> None:
    run = make_run(make_case())
    _row, text = make_token()
    client = Client(headers={"Authorization": f"Bearer {text}"})
    answer = client.delete(f"/api/v1/runs/{run.pk}")
    assert_error(answer, 405, "bad_method", "DELETE")
    assert_error(client.get("/api/v1/nothing"), 404, "not_found")


def test_asking_takes_the_same_few_queries_whatever_the_size(
    django_assert_num_queries: Any,
) -> None:
    _row, token = make_token()
    small, large = make_run(make_case()), make_run(*(make_case() for _ in range(30)))
    for run in (small, large):
        dispatch(run.pk)
        ask(run.pk, token)  # notes the use of the token
        # The token, the run, the watch's four, the run again, its counts.
        with django_assert_num_queries(8):
            assert ask(run.pk, token).status_code == 200
