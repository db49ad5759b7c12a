"""Short ways to say: run this step, run this case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cases.engine.outcome import Attempt, StepResult
from cases.engine.runner import run_case
from cases.engine.spec import (
    AssertionSpec,
    CaseSpec,
    EnvironmentSpec,
    ExtractionSpec,
    StepSpec,
)
from cases.engine.transport import Session
from cases.engine.variables import Variables


class Asking:
    """Runs steps and cases against one base URL, on one session."""

    def __init__(self, base_url: str, session: Session) -> None:
        self.environment = EnvironmentSpec(name="tests", base_url=base_url)
        self.session = session

    def case(
        self,
        *steps: StepSpec,
        variables: Mapping[str, Any] | None = None,
        secrets: tuple[str, ...] = (),
        environment: Mapping[str, Any] | None = None,
        timeout_ms: int = 20_000,
        **options: Any,
    ) -> Attempt:
        return run_case(
            CaseSpec(name="case", path="case", steps=steps, timeout_ms=timeout_ms),
            Variables([("case", variables or {})], secrets),
            self.session,
            environment=replace(self.environment, **(environment or {})),
            **options,
        )

    def step(self, url: str = "", **fields: Any) -> StepResult:
        """The result of a case of one step; what `case` takes may be given too."""
        options = {name: fields.pop(name) for name in _OF_THE_CASE if name in fields}
        return self.case(StepSpec(url=url, **fields), **options).steps[0]


def check(source: str, path: str = "", comparator: str = "equals", **rest: Any) -> Any:
    return AssertionSpec(source=source, path=path, comparator=comparator, **rest)


def keep(name: str, source: str, path: str = "") -> ExtractionSpec:
    return ExtractionSpec(name=name, source=source, path=path)


_OF_THE_CASE = (
    "variables",
    "secrets",
    "environment",
    "stopped",
    "row",
)
