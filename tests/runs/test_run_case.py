"""`/run_case`: one case now, a module through the workers, by whom and how refused."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test import Client
from django.utils import timezone

from cases.models import User
from runs import run_case, tasks
from runs.choices import Trigger
from runs.execution.pool import Crew
from runs.models import ApiToken, Run
from tests.factories import (
    make_case,
    make_environment,
    make_module,
    make_token,
    make_user,
)
from tests.installation import wait_until
from tests.runs.answers import assert_error
from tests.runs.queue import Sent
from tests.runs.working import work_off
from tests.target import Target

pytestmark = pytest.mark.django_db


@pytest.fixture
def bearer() -> dict[str, str]:
    _row, text = make_token()
    return {"Authorization": f"Bearer {text}"}


def ask(bearer: dict[str, str] | None = None, method: str = "get", **parameters: Any) -> Any:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    call = getattr(client, method)
    return call("/run_case", parameters, headers=bearer or {})


# --- one case ---------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_case_is_run_now_and_answered_with_its_result(
    target: Target, bearer: dict[str, str], method: str
) -> None:
    case = make_case(name="look", steps=[{"url": "/json"}])
    environment = make_environment(target.url, name="here")
    answer = ask(bearer, method, case_id=case.pk, env="here")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert (body["status"], body["outcome"], body["n_done"]) == ("finished", "passed", 1)
    assert (body["environment"], body["trigger"]) == (environment.name, "api")
    assert body["url"].endswith(f"/api/v1/runs/{body['id']}")
    assert body["page"].endswith(f"/admin/runs/run/{body['id']}/change/")
    [result] = body["results"]
    assert (result["case_id"], result["outcome"]) == (case.pk, "passed")
    [attempt] = result["attempts"]
    assert attempt["steps"][0]["exchanges"][0]["response"]["status"] == 200
    assert len(target.requests) == 1


@pytest.mark.parametrize(
    ("url", "outcome"), [("/status/500", "failed"), ("http://127.0.0.1:1/", "error")]
)
def test_a_case_that_does_not_pass_is_a_good_answer_too(
    target: Target, bearer: dict[str, str], url: str, outcome: str
) -> None:
    case = make_case(steps=[{"url": url}])
    make_environment(target.url, name="here")
    answer = ask(bearer, case_id=case.pk, env="here")
    assert (answer.status_code, answer.json()["outcome"]) == (200, outcome)
    assert answer.json()["results"][0]["message"]


def test_every_row_of_a_case_is_answered(target: Target, bearer: dict[str, str]) -> None:
    case = make_case(rows=["200", "404"], steps=[{"url": "/status/{{row}}"}])
    make_environment(target.url, name="here")
    results = ask(bearer, case_id=case.pk, env="here").json()["results"]
    assert [(r["row_no"], r["row_name"], r["outcome"]) for r in results] == [
        (1, "200", "passed"),
        (2, "404", "failed"),
    ]


def test_the_run_is_on_record_with_who_asked(target: Target) -> None:
    token, text = make_token()
    case = make_case(make_module(default_environment=make_environment(target.url)))
    body = ask({"Authorization": f"Bearer {text}"}, case_id=case.pk).json()
    run = Run.objects.get(pk=body["id"])
    assert (run.trigger, run.user, run.token) == (Trigger.API, token.user, token)
    assert run.results.get().thread == "MainThread"
    assert body["user"] == token.user.username


def test_what_does_not_fit_into_the_budget_goes_on_in_the_workers(
    target: Target, bearer: dict[str, str], settings: Any, sent: Sent
) -> None:
    settings.CHUNK_BUDGET_S = 0
    case = make_case(
        make_module(default_environment=make_environment(target.url)),
        rows=["1", "2", "3"],
        steps=[{"url": "/slow/20"}],
    )
    answer = ask(bearer, case_id=case.pk)
    assert answer.status_code == 202
    run = Run.objects.get(pk=answer.json()["id"])
    assert run.is_open
    assert sent == [("runs.tasks.run_chunk", run.chunks.get().pk)]


def test_a_case_that_cannot_be_run_is_a_conflict(bearer: dict[str, str]) -> None:
    environment = make_environment()
    resting = make_case(name="resting", is_active=False)
    answer = ask(bearer, case_id=resting.pk, env=environment.name)
    assert_error(answer, 409, "nothing_to_run", "resting")


# --- a module ---------------------------------------------------------------------------


def test_a_module_is_queued_with_everything_below_it(
    bearer: dict[str, str], sent: Sent
) -> None:
    module = make_module("shop", default_environment=make_environment())
    make_case(module)
    make_case(make_module(parent=module))
    answer = ask(bearer, "post", module_id=module.pk)
    assert answer.status_code == 202
    body = answer.json()
    assert (body["status"], body["n_total"], body["title"]) == ("queued", 2, "shop")
    assert "results" not in body
    run = Run.objects.get(pk=body["id"])
    assert sent == [("runs.tasks.run_chunk", run.chunks.get().pk)]


@pytest.mark.django_db(transaction=True)
def test_waiting_for_a_module_answers_when_it_has_ended(
    target: Target, bearer: dict[str, str], crew: Crew, sent: Sent
) -> None:
    module = make_module(default_environment=make_environment(target.url))
    make_case(module)

    def work() -> None:
        wait_until(lambda: Run.objects.exists(), 5)
        work_off(Run.objects.get(), crew)
        for chunk in Run.objects.get().chunks.all():
            from runs.execution.chunk import run_chunk

            run_chunk(chunk.pk, crew, lease_s=30)
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    answer = ask(bearer, module_id=module.pk, wait=30)
    worker.join()
    assert (answer.status_code, answer.json()["status"]) == (200, "finished")


def test_a_wait_that_was_too_short_answers_202(bearer: dict[str, str], sent: Sent) -> None:
    module = make_module(default_environment=make_environment())
    make_case(module)
    answer = ask(bearer, module_id=module.pk, wait=1)
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")


def test_a_module_without_cases_is_a_conflict(bearer: dict[str, str]) -> None:
    module = make_module("empty", default_environment=make_environment())
    assert_error(ask(bearer, module_id=module.pk), 409, "nothing_to_run", "empty")
    assert not Run.objects.exists()


# --- what is refused --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, ["exactly one"]),
        ({"case_id": 1, "module_id": 1}, ["exactly one"]),
        ({"case_id": [1, 2]}, ["case_id stands twice"]),
        ({"case_id": "abc"}, ["case_id=“abc”"]),
        ({"case_id": ""}, ["case_id=“”"]),
        ({"case_id": "-1"}, ["case_id=“-1”"]),
        ({"case_id": "0"}, ["case_id=“0”"]),
        ({"case_id": "1.5"}, ["case_id=“1.5”"]),
        ({"case_id": "٣"}, ["use a number"]),
        ({"case_id": "9" * 19}, ["use a number"]),
        ({"case_id": "9" * 5000}, ["use a number"]),
        ({"module_id": "x"}, ["module_id=“x”"]),
        ({"module_id": 1, "wait": "-1"}, ["wait=“-1”"]),
        ({"module_id": 1, "wait": "301"}, ["wait=“301”", "300"]),
        ({"module_id": 1, "wait": "9" * 5000}, ["wait="]),
        ({"case_id": 1, "wait": "1"}, ["wait goes with module_id"]),
        ({"case_id": 1, "env": "nowhere"}, ["nowhere", "here"]),
        ({"case_id": 1, "token": "th_x"}, ["no parameter “token”", "case_id"]),
        ({"suite_id": 1}, ["no parameter “suite_id”"]),
    ],
)
def test_a_bad_parameter_is_refused_with_its_name(
    bearer: dict[str, str], parameters: dict[str, Any], words: list[str]
) -> None:
    make_environment(name="here")
    assert_error(ask(bearer, **parameters), 400, "bad_parameter", *words)
    assert not Run.objects.exists()


def test_without_a_default_environment_the_choices_are_named(bearer: dict[str, str]) -> None:
    make_environment(name="staging")
    make_environment(name="production")
    answer = ask(bearer, case_id=make_case().pk)
    assert_error(answer, 400, "bad_parameter", "production, staging")


@pytest.mark.parametrize("selector", ["case_id", "module_id"])
def test_what_is_not_there_is_not_found(bearer: dict[str, str], selector: str) -> None:
    assert_error(ask(bearer, **{selector: 12345}), 404, "not_found", "12345")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused(bearer: dict[str, str], method: str) -> None:
    answer = ask(bearer, method)
    assert_error(answer, 405, "bad_method", method.upper())
    assert answer["Allow"] == "GET, POST"


def test_head_starts_nothing(bearer: dict[str, str]) -> None:
    answer = ask(bearer, "head", case_id=make_case().pk)
    assert (answer.status_code, Run.objects.count()) == (405, 0)


def test_a_body_that_cannot_be_read_is_refused(bearer: dict[str, str]) -> None:
    answer = Client(raise_request_exception=False).post(
        "/run_case", b"no parts", content_type="multipart/form-data", headers=bearer
    )
    assert_error(answer, 400, "bad_parameter", "body")


# --- who may ----------------------------------------------------------------------------


def _expired() -> str:
    return make_token(expires_at=timezone.now() - timedelta(seconds=1))[1]


def _of_a_disabled_user() -> str:
    token, text = make_token()
    User.objects.filter(pk=token.user_id).update(is_active=False)
    return text


@pytest.mark.parametrize(
    "header",
    [
        lambda: "",
        lambda: "Bearer th_unknown",
        lambda: "Bearer",
        lambda: "Basic dGg6dGg=",
        lambda: make_token()[1],
        lambda: f"Bearer {_expired()}",
        lambda: f"Bearer {_of_a_disabled_user()}",
        lambda: "Bearer tök\xa0en",
    ],
)
def test_without_a_good_token_nothing_is_told(header: Any) -> None:
    value = header()
    answer = ask({"Authorization": value} if value else None, case_id=make_case().pk)
    assert_error(answer, 401, "unauthenticated")
    assert not Run.objects.exists()


def test_a_token_in_the_url_is_not_looked_at() -> None:
    _token, text = make_token()
    assert ask(case_id=make_case().pk, token=text).status_code == 401


def test_a_user_without_the_permission_is_refused_by_its_name() -> None:
    token, text = make_token(make_user(username="reader"))
    answer = ask({"Authorization": f"Bearer {text}"}, case_id=make_case().pk)
    assert_error(answer, 403, "forbidden", "reader", "cases.run_case")


def test_the_last_use_of_a_token_is_noted_at_most_once_a_minute() -> None:
    token, text = make_token()
    ask({"Authorization": f"Bearer {text}"})
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    ask({"Authorization": f"Bearer {text}"})
    token.refresh_from_db()
    assert token.last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    ask({"Authorization": f"Bearer {text}"})
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.last_used_at >= first


@pytest.fixture
def session() -> Client:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(make_user(is_superuser=True, is_staff=True))
    return client


def test_a_session_may_not_start_work_by_get(session: Client) -> None:
    answer = session.get("/run_case", {"case_id": make_case().pk})
    assert_error(answer, 401, "unauthenticated", "Authorization: Bearer")


def test_a_session_without_its_csrf_token_is_refused(session: Client) -> None:
    answer = session.post("/run_case", {"case_id": make_case().pk})
    assert_error(answer, 403, "csrf", "X-CSRFToken")
    assert not Run.objects.exists()


def test_a_session_with_its_csrf_token_may_post(session: Client, target: Target) -> None:
    case = make_case(make_module(default_environment=make_environment(target.url)))
    session.get("/admin/runs/run/add/")
    session.get("/admin/cases/tag/add/")  # a page with a form sets the cookie
    token = session.cookies["csrftoken"].value
    answer = session.post("/run_case", {"case_id": case.pk}, headers={"X-CSRFToken": token})
    assert (answer.status_code, answer.json()["outcome"]) == (200, "passed")


# --- when it cannot ---------------------------------------------------------------------


def test_more_cases_at_once_than_the_limit_are_refused(
    bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(run_case, "TURN_S", 0.05)
    case = make_case()
    for _turn in range(settings.INLINE_LIMIT):
        assert run_case._turns.acquire(timeout=1)
    try:
        answer = ask(bearer, case_id=case.pk)
    finally:
        run_case._turns.release(settings.INLINE_LIMIT)
    assert_error(answer, 503, "busy", str(settings.INLINE_LIMIT))


def test_a_turn_is_given_back_whatever_happens(bearer: dict[str, str], settings: Any) -> None:
    resting = make_case(is_active=False)
    for _call in range(settings.INLINE_LIMIT + 1):
        ask(bearer, case_id=resting.pk, env=make_environment().name)
    assert run_case._turns._value == settings.INLINE_LIMIT  # type: ignore[attr-defined]


def test_a_database_that_does_not_answer_is_unavailable(
    bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_args: Any, **_options: Any) -> None:
        raise OperationalError(2006, "Server has gone away")

    monkeypatch.setattr(tasks, "run_now", gone)
    answer = ask(bearer, case_id=make_case().pk)
    assert_error(answer, 503, "unavailable", "The database did not answer")
