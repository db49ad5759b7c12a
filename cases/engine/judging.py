"""An answer judged: extractions first, then assertions, then the verdict on the step."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from cases.engine.assertions import judge, kept
from cases.engine.compiled import Assertion, CompiledStep, Extraction
from cases.engine.errors import CannotJudge, EngineError
from cases.engine.extract import Answer, read
from cases.engine.outcome import AssertionResult, ExtractionResult, Outcome
from cases.engine.patterns import Nothing

_TOO_DEEP = "Its values are nested too deeply."


@dataclass(slots=True)
class Judged:
    """What was found out about one answer."""

    assertions: list[AssertionResult] = field(default_factory=list)
    extractions: list[ExtractionResult] = field(default_factory=list)
    verdict: tuple[Outcome, str] = (Outcome.PASSED, "")


def judge_step(step: CompiledStep, answer: Answer, deadline: float) -> Judged:
    """Never raises; what is extracted is kept in the variables of the answer."""
    extracted = [_extract(item, answer, deadline) for item in step.extractions]
    assertions = [_assert(item, answer, deadline) for item in step.assertions]
    found = [(item.outcome, item.message) for item in assertions]
    found += [(outcome, item.message) for outcome, item in extracted]
    return Judged(assertions, [item for _, item in extracted], _verdict(found))


def _in_time(deadline: float) -> None:
    """Judging belongs to the case's deadline too: patterns may be slow."""
    if time.monotonic() > deadline:
        raise CannotJudge("The deadline of the case had passed before this was judged.")


def _extract(
    item: Extraction, answer: Answer, deadline: float
) -> tuple[Outcome, ExtractionResult]:
    """Not found is a wrong answer; not askable is an error."""
    spec, path = item.spec, item.spec.path
    value: Any = None
    outcome, reason = Outcome.PASSED, ""
    try:
        _in_time(deadline)
        path = answer.variables.text(*item.path)
        value = read(spec.source, path, answer)
    except EngineError as error:
        outcome, reason = Outcome.ERROR, str(error)
    except RecursionError:
        outcome, reason = Outcome.ERROR, _TOO_DEEP
    if isinstance(value, Nothing):
        outcome, value, reason = Outcome.FAILED, None, f"{value.reason}."
    if outcome is Outcome.PASSED:
        answer.variables.keep(spec.name, value)
    return outcome, ExtractionResult(
        name=spec.name,
        source=spec.source,
        path=path,
        value=kept(spec.source, path, value),
        message=f"Variable {spec.name} was not extracted: {reason}" if reason else "",
    )


def _assert(item: Assertion, answer: Answer, deadline: float) -> AssertionResult:
    spec, expected = item.spec, item.expected
    try:
        _in_time(deadline)
        path = answer.variables.text(*item.path)
        if item.has_placeholders:
            expected = answer.variables.render(expected, item.place)
        return judge(spec, path, expected, answer)
    except EngineError as error:
        reason = str(error)
    except RecursionError:
        reason = _TOO_DEEP
    return AssertionResult(
        source=spec.source,
        path=spec.path,
        comparator=spec.comparator,
        negated=spec.negated,
        expected=expected,
        actual=None,
        outcome=Outcome.ERROR,
        message=reason,
    )


def _verdict(found: list[tuple[Outcome, str]]) -> tuple[Outcome, str]:
    """The worst of all; its first sentence, and how many more there are."""
    broken = [one for one in found if one[0] is not Outcome.PASSED]
    if not broken:
        return Outcome.PASSED, ""
    worst = max((outcome for outcome, _ in broken), key=lambda outcome: outcome.weight)
    sentence = next(message for outcome, message in broken if outcome is worst)
    more = len(broken) - 1
    return worst, sentence + (f" (And {more} more.)" if more else "")
