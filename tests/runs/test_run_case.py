"""`/run_case`: one case now, a module through the workers."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from runs.choices import Trigger
from runs.execution.pool import Crew
from runs.models import Run
from tests.factories import (
    make_case,
    make_environment,
    make_module,
    make_token,
)
from tests.installation import wait_until
from tests.runs.answers import assert_error
from tests.runs.asking import ask
from tests.runs.queue import Sent
from tests.runs.working import work_off
from tests.target import Target

pytestmark = pytest.mark.django_db


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
