"""What is wrong with a spec, before it runs: one sentence per problem, for forms."""

from __future__ import annotations

from cases.engine.compiler import compile_case, compile_step
from cases.engine.problem import Problem
from cases.engine.spec import CaseSpec, DefaultsSpec, SchemaSpec, StepSpec
from cases.engine.stored_schemas import stored_schemas

__all__ = ["Problem", "defaults_as_step", "problems"]


def problems(spec: CaseSpec | StepSpec, schemas: tuple[SchemaSpec, ...] = ()) -> list[Problem]:
    """All problems; a field of a case's second step is called `steps.2.url`.

    `schemas` are those that a step on its own may name; a case brings its own.
    """
    if isinstance(spec, StepSpec):
        return list(compile_step(spec, stored=stored_schemas(schemas)).problems)
    case = compile_case(spec)
    return [
        *case.problems,
        *(
            Problem(f"steps.{number}.{field}", message)
            for number, step in enumerate(case.steps, 1)
            for field, message in step.problems
        ),
    ]


def defaults_as_step(defaults: DefaultsSpec) -> StepSpec:
    """A step that says for itself what these would give it: to be checked."""
    return StepSpec(
        headers=defaults.headers, auth=defaults.auth, assertions=defaults.assertions
    )
