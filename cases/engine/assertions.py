"""One assertion judged: a wrong answer is a failed result, never an exception."""

from __future__ import annotations

from typing import Any

from cases.engine.comparators import COMPARATORS, ORDER, CannotCompare
from cases.engine.eraser import MASK
from cases.engine.errors import CannotRender, EngineError
from cases.engine.extract import SOURCES, Answer, read
from cases.engine.outcome import AssertionResult, Outcome
from cases.engine.patterns import Nothing
from cases.engine.redact import SENSITIVE_HEADERS
from cases.engine.spec import AssertionSpec
from cases.engine.values import as_text, from_json, is_number, shown


def judge(spec: AssertionSpec, path: str, expected: Any, answer: Answer) -> AssertionResult:
    """Compare; `path` and `expected` are already rendered."""
    actual: Any = None
    try:
        actual = read(spec.source, path, answer)
        outcome, message = _verdict(spec, path, expected, actual)
    except CannotRender as error:
        outcome, message = Outcome.ERROR, str(error)
    except EngineError as error:
        outcome, message = Outcome.ERROR, f"{_subject(spec, path)}: {error}"
    except RecursionError:
        outcome, message = Outcome.ERROR, f"{_subject(spec, path)} is nested too deeply."
    return AssertionResult(
        source=spec.source,
        path=path,
        comparator=spec.comparator,
        negated=spec.negated,
        expected=expected,
        actual=None if isinstance(actual, Nothing) else kept(spec.source, path, actual),
        outcome=outcome,
        message=message,
    )


def _verdict(spec: AssertionSpec, path: str, expected: Any, actual: Any) -> tuple[Outcome, str]:
    comparator = COMPARATORS[spec.comparator]
    if isinstance(actual, Nothing):
        if spec.comparator == "exists" and spec.negated:
            return Outcome.PASSED, ""
        return Outcome.FAILED, f"{_should(spec, path, expected)}, but {actual.reason}."
    wanted = expected
    try:
        if SOURCES[spec.source].is_text:
            actual, wanted = _as_texts(spec.comparator, actual, expected)
        if comparator.check(actual, wanted) is not spec.negated:
            return Outcome.PASSED, ""
    except CannotCompare as error:
        reason = str(error)
    else:
        reason = f"{'is' if spec.comparator == 'exists' else 'was'} {shown(actual)}"
    if kept(spec.source, path, actual) is not actual:
        reason = f"was {MASK}"
    return Outcome.FAILED, f"{_should(spec, path, expected)}, but {reason}."


def kept(source: str, path: str, value: Any) -> Any:
    """What a record may show: credentials in headers are masked as headers are."""
    if source == "header" and path.strip().lower() in SENSITIVE_HEADERS:
        return MASK
    return value


def _as_texts(comparator: str, actual: Any, expected: Any) -> tuple[Any, Any]:
    """For a source that is always text: an expected number becomes its JSON text.

    Comparators about order read both sides as numbers instead.
    """
    if not isinstance(actual, str):  # a flag of a cookie is true
        return actual, expected
    if comparator in ORDER:
        return _number(actual), _numbers(expected)
    if comparator in ("has_length", "is_type"):
        return actual, expected
    if isinstance(expected, (list, tuple)):
        return actual, [_scalar_text(item) for item in expected]
    return actual, _scalar_text(expected)


def _scalar_text(value: Any) -> Any:
    return as_text(value) if isinstance(value, (bool, int, float)) else value


def _numbers(expected: Any) -> Any:
    if isinstance(expected, (list, tuple)):
        return [_numbers(item) for item in expected]
    try:
        return _number(expected)
    except CannotCompare:
        return expected


def _number(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        number = from_json(text.strip().encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        number = None
    if not is_number(number):
        raise CannotCompare(f"{shown(text)} is not a number")
    return number


def _subject(spec: AssertionSpec, path: str) -> str:
    label = SOURCES[spec.source].label
    return f"{label} {path}" if path else label


def _should(spec: AssertionSpec, path: str, expected: Any) -> str:
    comparator = COMPARATORS[spec.comparator]
    verb = f"should not {comparator.phrase}" if spec.negated else f"should {comparator.phrase}"
    value = f" {shown(expected)}" if comparator.needs_expected else ""
    return f"{_subject(spec, path)} {verb}{value}"
