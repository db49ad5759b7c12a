"""`/run_case`: what is refused, and what happens when it cannot."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from runs import run_case, tasks
from runs.models import Run
from tests.factories import (
    make_case,
    make_environment,
)
from tests.runs.answers import assert_error
from tests.runs.asking import ask

pytestmark = pytest.mark.django_db


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
