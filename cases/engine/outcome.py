"""What one try of a case did: the engine's only output, as plain frozen data.

Named tuples: a case makes a dozen of these, and a frozen dataclass takes twice as long.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from cases.engine.messages import Exchange


class Outcome(StrEnum):
    """The verdict on an assertion, a step, a case or a run."""

    # Everything that was asked held.
    PASSED = "passed"
    # An answer came and was wrong.
    FAILED = "failed"
    # We could not ask, or could not judge.
    ERROR = "error"
    # Nobody asked: not wanted this time.
    SKIPPED = "skipped"
    # Something it needs failed.
    BLOCKED = "blocked"

    @property
    def weight(self) -> int:
        """error > failed > blocked > passed > skipped."""
        return _WORST.index(self)


_WORST = (
    Outcome.SKIPPED,
    Outcome.PASSED,
    Outcome.BLOCKED,
    Outcome.FAILED,
    Outcome.ERROR,
)


class AssertionResult(NamedTuple):
    source: str
    path: str
    comparator: str
    negated: bool
    expected: Any
    actual: Any
    outcome: Outcome
    message: str = ""
    filters: str = ""
    warns: bool = False  # failed, but the step did not fail for it
    details: tuple[str, ...] = ()  # a line for every place where something differs


class ExtractionResult(NamedTuple):
    name: str
    source: str
    path: str
    value: Any = None
    message: str = ""  # why nothing was found; empty when something was
    filters: str = ""


class VariableUse(NamedTuple):
    """A variable that was asked for, where its value came from, and what it was at last."""

    name: str
    scope: str  # global, environment, module, plan, case, row, extracted
    value: Any


class StepResult(NamedTuple):
    name: str
    outcome: Outcome
    message: str = ""
    exchanges: tuple[Exchange, ...] = ()  # one, and one more for every other purpose
    n_polls: int = 1  # how often the step was asked; kept is the last time
    assertions: tuple[AssertionResult, ...] = ()
    extractions: tuple[ExtractionResult, ...] = ()
    duration_ms: float = 0.0


class Attempt(NamedTuple):
    """One try of a case, already free of secrets: safe to keep, log and show."""

    outcome: Outcome
    # Of the first step that did not pass; when all passed, of the first that warned.
    message: str = ""
    steps: tuple[StepResult, ...] = ()
    variables: tuple[VariableUse, ...] = ()  # in the order in which they were needed
    started_at: float = 0.0  # seconds since the epoch
    duration_ms: float = 0.0
