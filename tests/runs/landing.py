"""Results without requests, for tests of what becomes of them."""

from __future__ import annotations

from typing import Any

from cases.engine.outcome import Attempt, Outcome
from runs.execution import manifest
from runs.execution.environment import NOTHING
from runs.execution.manifest import Unit
from runs.execution.work import Kept, Landed, landed


def land(unit: Unit, outcome: Outcome = Outcome.PASSED, **attempt: Any) -> Landed:
    """As if this unit had been run with this outcome."""
    [work] = manifest.load([unit], NOTHING)
    return landed(work, Attempt(outcome=outcome, **attempt))


def land_after(unit: Unit, n_earlier: int, outcome: Outcome = Outcome.PASSED) -> Landed:
    """As if so many tries had failed before this one."""
    failed = land(unit, Outcome.FAILED)
    kept = Kept(outcome=failed.outcome, data=failed.data)
    last = land(unit, outcome)
    return last._replace(work=last.work._replace(earlier=(kept,) * n_earlier))
