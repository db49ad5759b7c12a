"""What modules give to the steps below them, and how a step declines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cases.engine.outcome import Attempt, Outcome
from cases.engine.runner import run_case
from cases.engine.spec import AuthSpec, BodySpec, CaseSpec, DefaultsSpec, StepSpec
from cases.engine.transport import Session
from cases.engine.variables import Variables
from tests.engine.asking import Asking, check
from tests.target import Target

NONE = AuthSpec(kind="none")
BEARER = AuthSpec.of("bearer", token="module")
OUTER = DefaultsSpec(
    headers=(("X-A", "outer"), ("X-B", "outer")), auth=BEARER, assertions=(check("body"),)
)


@pytest.mark.parametrize(
    ("inner", "together"),
    [
        ({}, {}),
        ({"headers": (("x-a", "inner"),)}, {"headers": (("X-B", "outer"), ("x-a", "inner"))}),
        ({"headers": (("X-C", "1"),), "inherit_headers": False}, {"headers": (("X-C", "1"),)}),
        ({"auth": NONE}, {"auth": NONE}),
        ({"assertions": (check("url"),)}, {"assertions": (check("body"), check("url"))}),
        ({"assertions": (), "inherit_assertions": False}, {"assertions": ()}),
    ],
)
def test_the_inner_module_has_the_last_word(
    inner: dict[str, Any], together: dict[str, Any]
) -> None:
    assert OUTER.narrowed(DefaultsSpec(**inner)) == replace(OUTER, **together)


GIVEN = DefaultsSpec(
    headers=(("X-Module", "{{who}}"), ("Accept", "text/html"), ("Authorization", "typed")),
    auth=BEARER,
    assertions=(check("status", expected=200),),
)


def run(asking: Asking, step: StepSpec) -> Attempt:
    spec = CaseSpec(name="c", path="m/c", steps=(step,), defaults=GIVEN)
    variables = Variables([("case", {"who": "me"})])
    return run_case(spec, variables, asking.session, environment=asking.environment)


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({}, {"X-Module": "me", "Accept": "text/html", "Authorization": "Bearer module"}),
        ({"auth": NONE}, {"Authorization": "typed"}),
        ({"auth": NONE, "inherit_headers": False}, {"Authorization": None, "X-Module": None}),
        (
            {"auth": AuthSpec.of("bearer", token="step"), "headers": (("X-MODULE", "step"),)},
            {"Authorization": "Bearer step", "X-Module": "step"},
        ),
        (
            {"method": "POST", "body": BodySpec(kind="json", text="{}")},
            {"Content-Type": "application/json"},
        ),
    ],
)
def test_a_step_is_given_what_it_does_not_say_itself(
    target: Target, asking: Asking, fields: dict[str, Any], headers: dict[str, str | None]
) -> None:
    assert run(asking, StepSpec(url="/echo", **fields)).outcome is Outcome.PASSED
    asked = target.requests[-1]
    assert {name: asked.header(name) for name in headers} == headers


def test_a_default_header_stands_once_between_environment_and_step(
    target: Target, asking: Asking
) -> None:
    asking.environment = replace(asking.environment, headers=(("x-module", "environment"),))
    run(asking, StepSpec(url="/echo"))
    found = [v for n, v in target.requests[-1].headers if n.lower() == "x-module"]
    assert found == ["me"]


@pytest.mark.parametrize(
    ("fields", "outcome", "n_assertions"),
    [
        ({}, Outcome.FAILED, 1),
        ({"inherit_assertions": False}, Outcome.PASSED, 0),
        ({"assertions": (check("status", expected=404),)}, Outcome.FAILED, 2),
    ],
)
def test_default_assertions_are_judged_behind_those_of_the_step(
    target: Target, asking: Asking, fields: dict[str, Any], outcome: Outcome, n_assertions: int
) -> None:
    attempt = run(asking, StepSpec(url="/status/404", **fields))
    assert attempt.outcome is outcome
    assert len(attempt.steps[0].assertions) == n_assertions
    if n_assertions:
        assert attempt.steps[0].assertions[-1].expected == 200


@pytest.mark.parametrize(
    ("defaults", "sentence"),
    [
        ({"assertions": [{"source": "magic"}]}, "Unknown source 'magic'"),
        ({"assertions": [{"source": 5}]}, "source must be a text, not 5."),
        ({"auth": {"kind": "magic"}}, "Unknown auth kind 'magic'"),
        ({"headers": [["a b", "c"]]}, "Header name 'a b'"),
        ({"headers": [["X", "{{nobody}}"]]}, "{{nobody}} in default header X of step 1"),
    ],
)
def test_wrong_defaults_are_errors_of_the_case(
    target: Target, session: Session, defaults: dict[str, Any], sentence: str
) -> None:
    spec = CaseSpec.from_dict(
        {"name": "c", "path": "c", "steps": [{"url": "/echo"}], "defaults": defaults}
    )
    environment = Asking(target.url, session).environment
    attempt = run_case(spec, Variables([]), session, environment=environment)
    assert attempt.outcome is Outcome.ERROR
    assert sentence in attempt.message
    assert target.requests == []
