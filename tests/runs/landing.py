"""Results without requests, for tests of what becomes of them."""

from __future__ import annotations

from typing import Any

from cases.engine.outcome import Attempt, Outcome
from runs.execution import manifest
from runs.execution.environment import NOTHING
from runs.execution.manifest import Unit
from runs.execution.work import Landed, landed


def land(unit: Unit, outcome: Outcome = Outcome.PASSED, **attempt: Any) -> Landed:
    """As if this unit had been run with this outcome."""
    [work] = manifest.load([unit], NOTHING)
    return landed(work, Attempt(outcome=outcome, **attempt))
