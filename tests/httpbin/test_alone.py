"""An API that we did not write, asked by the engine alone."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.alone import run_alone
from tests.httpbin.expected import Expected, differences, load
from tests.httpbin.server import Gunicorn


def test_the_project_is_large_and_partly_wrong_on_purpose(httpbin: Gunicorn) -> None:
    project, expected = load(httpbin.port)
    assert len(list(project.cases())) >= 60
    outcomes = Counter(wanted.outcome for wanted in expected.values())
    assert outcomes["failed"] + outcomes["error"] >= 8
    assert all(w.message for w in expected.values() if w.outcome != "passed")


def test_every_case_comes_to_what_stands_beside_it(httpbin: Gunicorn) -> None:
    project, expected = load(httpbin.port)
    attempts = run_alone(project, "httpbin")
    actual = {key: (a.outcome.value, a.message) for key, a in attempts.items()}
    assert differences(expected, actual) == []


@pytest.mark.parametrize(
    ("wanted", "got", "n"),
    [
        (Expected("passed"), ("passed", ""), 0),
        (Expected("passed"), ("failed", "Status should equal 200"), 1),
        (Expected("failed", "equal 201"), ("failed", "Status should equal 201"), 0),
        (Expected("failed", "equal 201"), ("failed", "Status should equal 200"), 1),
        (Expected("failed", "equal 201"), ("error", "Status should equal 201"), 1),
        (Expected("passed"), None, 1),
        (None, ("passed", ""), 1),
    ],
)
def test_nothing_unexpected_goes_unseen(
    wanted: Expected | None, got: tuple[str, str] | None, n: int
) -> None:
    key = ("httpbin/case", "")
    expected = {key: wanted} if wanted else {}
    assert len(differences(expected, {key: got} if got else {})) == n
