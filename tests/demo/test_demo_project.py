"""The demo project with the engine alone; test_demo_command.py runs it whole."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cases.engine.outcome import Outcome
from cases.importers.project import Project
from cases.importers.testhub import parse
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
