"""An answer judged: extractions first, then assertions, then the verdict on the step."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from cases.engine.answer import Answer
from cases.engine.assertions import judge, kept
from cases.engine.compiled import Assertion, CompiledStep, Extraction
from cases.engine.eraser import MASK
from cases.engine.errors import CannotJudge, EngineError
from cases.engine.extract import read
from cases.engine.outcome import AssertionResult, ExtractionResult, Outcome
from cases.engine.patterns import Nothing

_TOO_DEEP = "Its values are nested too deeply."
# Judging belongs to the case's deadline too: patterns may be slow.
_TOO_LATE = "The deadline of the case had passed before this was judged."


@dataclass(slots=True)
class Judged:
    """What was found out about one answer."""

    assertions: list[AssertionResult] = field(default_factory=list)
    extractions: list[ExtractionResult] = field(default_factory=list)
    verdict: tuple[Outcome, str] = (Outcome.PASSED, "")


def judge_step(step: CompiledStep, answer: Answer, deadline: float) -> Judged:
    """Never raises; what is extracted is kept in the variables of the answer."""
    judged = Judged()
    missing, told = [], []  # who passed has nothing to tell
    for extraction in step.extractions:
        outcome, found = _extract(extraction, answer, deadline)
        judged.extractions.append(found)
        if found.message:
            missing.append((outcome, found.message))
    for assertion in step.assertions:
        result = _assert(assertion, answer, deadline)
        judged.assertions.append(result)
        if result.message:
            told.append((_counted(result), result.message))
    told += missing
    if told:
        judged.verdict = _verdict(told)
    return judged


def _counted(item: AssertionResult) -> Outcome:
    """What an assertion means for its step: one that only warns cannot fail it."""
    if item.warns and item.outcome is Outcome.FAILED:
        return Outcome.PASSED
    return item.outcome


def _extract(
    item: Extraction, answer: Answer, deadline: float
) -> tuple[Outcome, ExtractionResult]:
    """Not found is a wrong answer, unless it is optional; not askable is an error."""
    spec, path = item.spec, item.spec.path
    value: Any = None
    outcome, reason = Outcome.PASSED, ""
    try:
        if time.monotonic() > deadline:
            raise CannotJudge(_TOO_LATE)
        if item.path is not None:
            path = answer.variables.text(*item.path)
        value = read(item.source, path, answer, item.filters, item.place)
        if isinstance(value, Nothing) and spec.optional:
            value = answer.variables.render(spec.default, f"the default of {item.place}")
    except EngineError as error:
        outcome, reason = Outcome.ERROR, str(error)
    except RecursionError:
        outcome, reason = Outcome.ERROR, _TOO_DEEP
    if isinstance(value, Nothing):
        outcome, value, reason = Outcome.FAILED, None, f"{value.reason}."
    if outcome is Outcome.PASSED:
        answer.variables.keep(spec.name, value)
        if spec.secret:
            answer.variables.hide(value)
    return outcome, ExtractionResult(
        name=spec.name,
        source=spec.source,
        path=path,
        filters=spec.filters,
        value=MASK if spec.secret else kept(item.source, path, value),
        message=f"Variable {spec.name} was not extracted: {reason}" if reason else "",
    )


def _assert(item: Assertion, answer: Answer, deadline: float) -> AssertionResult:
    spec, path = item.spec, item.spec.path
    try:
        if time.monotonic() > deadline:
            raise CannotJudge(_TOO_LATE)
        if item.path is not None:
            path = answer.variables.text(*item.path)
        return judge(item, path, answer)
    except EngineError as error:
        reason = str(error)
    return AssertionResult(
        source=spec.source,
        path=spec.path,
        filters=spec.filters,
        comparator=spec.comparator,
        negated=spec.negated,
        expected=item.expected,
        actual=None,
        outcome=Outcome.ERROR,
        message=reason,
        warns=spec.warns,
    )


def _verdict(told: list[tuple[Outcome, str]]) -> tuple[Outcome, str]:
    """The worst of all; its first sentence, and how many more there are.

    A step that passed with a warning says so.
    """
    worst = max((outcome for outcome, _ in told), key=_weight)
    said = [message for outcome, message in told if outcome is worst]
    more = len(told) - 1
    warning = "Warning: " if worst is Outcome.PASSED else ""
    return worst, f"{warning}{said[0]}{f' (And {more} more.)' if more else ''}"


def _weight(outcome: Outcome) -> int:
    return outcome.weight
