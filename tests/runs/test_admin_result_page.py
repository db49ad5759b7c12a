"""The page of a result: what was sent, what came, what was expected - all of it as text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from runs import tasks
from runs.choices import Trigger
from runs.execution.selection import Selection
from runs.models import Result
from runs.record import hex_dump, pretty, timing_parts
from tests.factories import make_case, make_environment
from tests.target import Target

pytestmark = pytest.mark.django_db


def run(target: Target, *steps: dict[str, Any]) -> Result:
    case = make_case(steps=steps)
    tasks.run_now(
        Selection(case_ids=(case.pk,)),
        trigger=Trigger.ADMIN,
        environment=make_environment(target.url),
    )
    return Result.objects.get()


def text_of(client: Client, result: Result) -> str:
    page = client.get(reverse("admin:runs_result_change", args=[result.pk]))
    assert page.status_code == 200
    return page.content.decode()


def test_expected_and_actual_stand_side_by_side(admin: Client, target: Target) -> None:
    failing = {"source": "status", "comparator": "equals", "expected": "404"}
    result = run(target, {"url": "/status/404", "assertions": [failing]})
    text = text_of(admin, result)
    assert "&quot;404&quot;" in text  # a text
    assert ">404</pre>" in text  # a number
    assert escape(result.message) in text
    assert result.thread in text


def test_nothing_from_a_target_is_markup(admin: Client, target: Target) -> None:
    evil = "<script>alert(1)</script><b x-data='1'>"
    step = {
        "url": "/echo",
        "method": "POST",
        "headers": [["X-Evil", evil]],
        "body_kind": "raw",
        "body_text": evil,
        "body_content_type": "text/html",
    }
    text = text_of(admin, run(target, step))
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text
    assert "<b x-data" not in text
    assert "x-ignore" in text


def test_variables_stand_with_the_scope_that_gave_them(admin: Client, target: Target) -> None:
    first = {"url": "/json?q={{$uuid}}", "extractions": [{"name": "n", "source": "status"}]}
    text = text_of(admin, run(target, first, {"url": "/echo/{{n}}"}))
    assert re.search(r"<td[^>]*>n</td><td[^>]*>extraction</td><td><pre[^>]*>200</pre>", text)


def test_a_result_that_needed_no_variable_lists_none(admin: Client, target: Target) -> None:
    assert 'id="variables"' not in text_of(admin, run(target, {"url": "/json"}))


def test_every_redirect_is_shown(admin: Client, target: Target) -> None:
    text = text_of(admin, run(target, {"url": "/redirect/2"}))
    assert text.count("<strong>Exchange</strong>") == 1
    assert text.count("<strong>Redirect</strong>") == 2


def test_the_step_that_was_not_reached_is_there(admin: Client, target: Target) -> None:
    text = text_of(admin, run(target, {"url": "/status/500"}, {"url": "/", "name": "second"}))
    assert "second" in text
    assert "th-skipped" in text


def test_a_target_that_is_down_is_a_sentence(admin: Client) -> None:
    case = make_case()
    tasks.run_now(
        Selection(case_ids=(case.pk,)),
        trigger=Trigger.ADMIN,
        environment=make_environment(),
    )
    result = Result.objects.get()
    assert result.message
    assert escape(result.message) in text_of(admin, result)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"a":1.10,"a":[],"b":{}}', '{\n  "a": 1.10,\n  "a": [],\n  "b": {}\n}'),
        ('[1,{"x":"}\\"{"}]', '[\n  1,\n  {\n    "x": "}\\"{"\n  }\n]'),
        ("123456789012345678901", "123456789012345678901"),
        ("<html>", "<html>"),
        ('{"a":', '{"a":'),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_json_is_indented_and_nothing_else(text: str, shown: str) -> None:
    assert pretty(text) == shown


def test_bytes_are_shown_sixteen_a_line() -> None:
    assert hex_dump(b"\x00AB").split() == ["0000", "00", "41", "42", ".AB"]
    assert len(hex_dump(bytes(40)).splitlines()) == 3


def test_each_phase_is_what_it_took_by_itself() -> None:
    timings = {
        "dns_ms": 1.0,
        "connect_ms": 3.0,
        "tls_ms": None,
        "first_byte_ms": 10.0,
        "total_ms": 12.5,
    }
    parts = [(part["number"], part["ms"]) for part in timing_parts(timings)]
    assert parts == [(1, 1.0), (2, 2.0), (4, 7.0), (5, 2.5)]
