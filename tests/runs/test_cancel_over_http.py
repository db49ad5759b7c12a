"""`POST /api/v1/runs/ID/cancel`: the pipeline was stopped, and so is its run."""

from __future__ import annotations

import pytest
from django.test import Client

from runs.execution.dispatch import dispatch
from runs.execution.pool import Crew
from tests.factories import make_case, make_environment, make_run, make_token, make_user
from tests.runs.answers import assert_error
from tests.runs.working import work_off
from tests.target import Target

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(bearer: dict[str, str]) -> Client:
    return Client(headers=bearer, raise_request_exception=False)


def test_a_run_that_nobody_works_on_is_cancelled_at_once(client: Client) -> None:
    run = make_run(make_case())
    dispatch(run.pk)
    answer = client.post(f"/api/v1/runs/{run.pk}/cancel")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert (answer.json()["id"], answer.json()["status"]) == (run.pk, "cancelled")
    run.refresh_from_db()
    assert run.cancelled_by is not None
    assert client.get(f"/api/v1/runs/{run.pk}").json()["status"] == "cancelled"


def test_a_run_that_has_ended_stays_as_it_is(
    client: Client, target: Target, crew: Crew
) -> None:
    run = make_run(make_case(), environment=make_environment(target.url))
    work_off(run, crew)
    answer = client.post(f"/api/v1/runs/{run.pk}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "finished")
    run.refresh_from_db()
    assert run.cancel_requested_at is None


def test_seeing_runs_is_not_enough(client: Client) -> None:
    run = make_run(make_case())
    other = Client(headers={"Authorization": f"Bearer {make_token(make_user())[1]}"})
    answer = other.post(f"/api/v1/runs/{run.pk}/cancel")
    assert_error(answer, 403, "forbidden", "runs.cancel_run")
    run.refresh_from_db()
    assert run.is_open
    assert run.cancel_requested_at is None


def test_a_link_cancels_nothing(client: Client) -> None:
    run = make_run(make_case())
    answer = client.get(f"/api/v1/runs/{run.pk}/cancel")
    assert_error(answer, 405, "bad_method", "GET")


def test_a_session_needs_its_csrf_token() -> None:
    run = make_run(make_case())
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(make_user(is_superuser=True))
    url = f"/api/v1/runs/{run.pk}/cancel"
    assert_error(browser.post(url), 403, "csrf")
    browser.get("/api/v1/docs")  # gives the cookie
    token = browser.cookies["csrftoken"].value
    assert browser.post(url, headers={"X-CSRFToken": token}).json()["status"] == "cancelled"


def test_a_run_that_is_not_there_is_not_found(client: Client) -> None:
    assert_error(client.post("/api/v1/runs/4711/cancel"), 404, "not_found", "4711")
