"""The demo project with the engine alone; test_demo_command.py runs it whole."""

from __future__ import annotations

from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cases.engine.outcome import Outcome
from cases.importers.project import Project
from cases.importers.testhub import parse
from cases.models import Environment
from demo.process import DemoApi
from tests.alone import run_alone

PROJECT = Path(__file__).parents[2] / "demo" / "project.yaml"


@pytest.fixture
def project(api: DemoApi) -> Project:
    text = PROJECT.read_text(encoding="utf-8")
    return parse(text, PROJECT.name).at("http://127.0.0.1:8001", api.url)


def test_it_shows_what_a_project_can_hold(project: Project) -> None:
    cases = dict(project.cases())
    assert len(cases) >= 40
    assert {entry.spec.name for entry in project.environments} == {"Local", "Staging"}
    used = Counter(case.dataset for case in cases.values())
    assert set(used) - {""} == {entry.name for entry in project.datasets}


@pytest.mark.parametrize("environment", ["Local", "Staging"])
def test_one_case_fails_and_it_says_so(project: Project, environment: str) -> None:
    broken = {
        key: attempt.message
        for key, attempt in run_alone(project, environment).items()
        if attempt.outcome is not Outcome.PASSED
    }
    name = "Shop/Products/the price of product 1 is 2.50 (fails on purpose)"
    assert broken == {(name, ""): "JSON $.price should equal 2.5, but was 3.25."}


@pytest.mark.django_db
def test_load_demo_puts_it_where_the_api_is() -> None:
    for said in ("created: ", "unchanged: "):
        output = StringIO()
        call_command("load_demo", base_url="http://127.0.0.1:4000/", stdout=output)
        assert output.getvalue().startswith(f"Demo project: {said}")
    urls = Environment.objects.values_list("name", "base_url")
    assert dict(urls) == {
        "Local": "http://127.0.0.1:4000",
        "Staging": "http://127.0.0.1:4000/staging",
    }


def test_load_demo_wants_a_url() -> None:
    with pytest.raises(CommandError, match="--base-url localhost: use http://host:port"):
        call_command("load_demo", base_url="localhost")
