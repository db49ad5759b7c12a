"""An API that we did not write, asked by the engine alone."""

from __future__ import annotations

from collections import Counter

from tests.alone import run_alone
from tests.httpbin.expected import differences, load
from tests.httpbin.server import Httpbin


def test_the_project_is_large_and_partly_wrong_on_purpose(httpbin: Httpbin) -> None:
    project, expected = load(httpbin.port)
    assert len(list(project.cases())) >= 60
    outcomes = Counter(wanted.outcome for wanted in expected.values())
    assert outcomes["failed"] + outcomes["error"] >= 8
    assert all(w.message for w in expected.values() if w.outcome != "passed")


def test_every_case_comes_to_what_stands_beside_it(httpbin: Httpbin) -> None:
    project, expected = load(httpbin.port)
    attempts = run_alone(project, "httpbin")
    actual = {key: (a.outcome.value, a.message) for key, a in attempts.items()}
    assert differences(expected, actual) == []
