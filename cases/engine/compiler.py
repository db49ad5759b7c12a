"""A case read once, and remembered.

Forms show the problems (validate.py), the runner refuses to send a case that has any:
both say the same sentence, because it is made here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Any

from cases.engine.compiled import CompiledCase, CompiledStep
from cases.engine.errors import BadSpec
from cases.engine.problem import Problem, wrong_fields
from cases.engine.spec import CaseSpec, DefaultsSpec, StepSpec
from cases.engine.step_compiler import StepCompiler, is_length
from cases.engine.stored_schemas import NONE_STORED, StoredSchemas, stored_schemas
from cases.engine.templates import NAME
from cases.engine.texts import bad_name, check_templates

NO_DEFAULTS = DefaultsSpec()
# Cases, of 2-3 KB each: as many as a worker keeps specs of. A run of more would compile all of
# its cases anew, for those behind the last one are always those that were let go.
_REMEMBERED = 20_000


class _Cache:
    """The cases compiled last, by identity: a spec is immutable, and rows share one."""

    def __init__(self) -> None:
        self._lock = Lock()  # for who writes; reading is one step
        self._cases: OrderedDict[int, tuple[CaseSpec, CompiledCase]] = OrderedDict()

    def get(self, spec: CaseSpec) -> CompiledCase:
        found = self._cases.get(id(spec))
        if found is not None and found[0] is spec:
            return found[1]
        compiled = _compile_case(spec)
        with self._lock:
            self._cases[id(spec)] = spec, compiled
            if len(self._cases) > _REMEMBERED:
                self._cases.popitem(last=False)
        return compiled


def compile_case(spec: CaseSpec) -> CompiledCase:
    """Never raises for a bad spec: its problems are listed."""
    return _CACHE.get(spec)


def compile_step(
    spec: StepSpec,
    place: str = "",
    defaults: DefaultsSpec = NO_DEFAULTS,
    stored: StoredSchemas = NONE_STORED,
) -> CompiledStep:
    """Never raises for a bad spec: its problems are listed."""
    return StepCompiler(spec, place, defaults, stored).compile()


def _compile_case(spec: CaseSpec) -> CompiledCase:
    problems: list[Problem] = []
    if not spec.steps:
        problems.append(Problem("steps", "The case has no steps."))
    if not is_length(spec.timeout_ms):
        problems.append(
            Problem(
                "timeout_ms",
                f"The deadline must be from 1 ms to 24 days, not {spec.timeout_ms}.",
            )
        )
    for attachment in spec.attachments:
        problems += wrong_fields(attachment, "attachments")
    rows = (pair for row in spec.rows for pair in row.values)
    for name, value in (*spec.module_variables, *spec.variables, *rows):
        problems += _variable_problems(name, value)
    stored = stored_schemas(spec.schemas)
    steps = [
        compile_step(step, f" of step {number}", spec.defaults, stored)
        for number, step in enumerate(spec.steps, 1)
    ]
    is_sound = not problems and not any(step.problems or step.attachments for step in steps)
    return CompiledCase(steps, problems, is_sound)


def _variable_problems(name: str, value: Any) -> Iterator[Problem]:
    if not NAME.fullmatch(name):
        yield Problem("variables", bad_name(name))
    try:
        check_templates(value, f"variable {name}")
    except BadSpec as error:
        yield Problem("variables", str(error))
    except RecursionError:
        yield Problem("variables", f"Variable {name} is nested too deeply.")


_CACHE = _Cache()
