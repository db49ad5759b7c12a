"""A call with the `Idempotency-Key` of an earlier one answers the run of that one."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.db.models.functions import Now
from django.test import Client

from runs.models import Run
from tests.factories import make_case, make_environment, make_module, make_token
from tests.runs.answers import assert_error
from tests.runs.queue import Sent
from tests.target import Target

pytestmark = pytest.mark.django_db


@pytest.fixture
def module(target: Target) -> Any:
    module = make_module("shop", default_environment=make_environment(target.url))
    make_case(module)
    return module


def ask(token: str, key: str, **parameters: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    return Client().post("/run_case", parameters, headers=headers)


def test_the_same_key_answers_the_same_run(module: Any, target: Target) -> None:
    _row, token = make_token()
    case = module.cases.get()
    first, second = (ask(token, "k1", case_id=case.pk) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json()["results"] == first.json()["results"]
    assert len(target.requests) == 1
    assert ask(token, "k2", case_id=case.pk).json()["id"] != first.json()["id"]


def test_a_module_is_queued_once(module: Any, sent: Sent) -> None:
    _row, token = make_token()
    ids = {ask(token, "k", module_id=module.pk).json()["id"] for _ in range(3)}
    assert len(ids) == 1
    assert len(sent) == 1


def test_without_a_key_every_call_is_a_run_of_its_own(module: Any, sent: Sent) -> None:
    _row, token = make_token()
    assert len({ask(token, "", module_id=module.pk).json()["id"] for _ in range(2)}) == 2


def test_users_do_not_meet_each_others_keys(module: Any, sent: Sent) -> None:
    tokens = [make_token()[1] for _ in range(2)]
    assert len({ask(t, "k", module_id=module.pk).json()["id"] for t in tokens}) == 2


def test_a_key_that_was_used_for_something_else_is_a_conflict(module: Any, sent: Sent) -> None:
    _row, token = make_token()
    ask(token, "k", module_id=module.pk)
    answer = ask(token, "k", case_id=module.cases.get().pk)
    assert_error(answer, 409, "key_in_use", "shop")


def test_after_a_day_the_key_is_free_again(module: Any, sent: Sent) -> None:
    _row, token = make_token()
    first = ask(token, "k", module_id=module.pk).json()["id"]
    Run.objects.update(created_at=Now() - timedelta(hours=23))
    assert ask(token, "k", module_id=module.pk).json()["id"] == first
    Run.objects.update(created_at=Now() - timedelta(hours=25))
    assert ask(token, "k", module_id=module.pk).json()["id"] != first


def test_a_key_that_is_too_long_is_refused(module: Any) -> None:
    _row, token = make_token()
    answer = ask(token, "k" * 201, module_id=module.pk)
    assert_error(answer, 400, "bad_parameter", "Idempotency-Key", "200")


@pytest.mark.django_db(transaction=True)
def test_the_same_call_twice_at_once_is_one_run(module: Any, sent: Sent) -> None:
    _row, token = make_token()
    at_once, answers = threading.Barrier(2), []

    def call() -> None:
        at_once.wait()
        answers.append(ask(token, "k", module_id=module.pk))
        connections.close_all()

    callers = [threading.Thread(target=call) for _ in range(2)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert [answer.status_code for answer in answers] == [202, 202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Run.objects.count() == 1
