"""One assertion judged: a wrong answer is a failed result, never an exception."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cases.engine.answer import Answer
from cases.engine.comparators import CannotCompare
from cases.engine.compiled import Assertion
from cases.engine.eraser import MASK
from cases.engine.errors import CannotRender, EngineError
from cases.engine.extract import Source, read
from cases.engine.outcome import AssertionResult, Outcome
from cases.engine.patterns import Nothing
from cases.engine.values import as_text, from_json, is_number, shown

_SHOWN = 3  # differences in a sentence; the record keeps more
_EXPECTED = 200  # characters of an expected value in a sentence


def judge(item: Assertion, path: str, answer: Answer) -> AssertionResult:
    """Compare; `path` is already rendered."""
    spec, expected = item.spec, item.expected
    actual: Any = None
    verdict = _PASSED
    try:
        prepared = item.prepared
        if item.has_placeholders:
            expected = item.comparator.fill(expected, answer.variables, item.place)
            prepared = expected if item.prepare is None else item.prepare(expected)
        actual = read(item.source, path, answer, item.filters, item.place)
        verdict = _verdict(item, path, expected, prepared, actual)
    except CannotRender as error:
        verdict = _Verdict(Outcome.ERROR, str(error))
    except EngineError as error:
        verdict = _Verdict(Outcome.ERROR, f"{_subject(item, path)}: {error}")
    except RecursionError:
        verdict = _Verdict(Outcome.ERROR, f"{_subject(item, path)} is nested too deeply.")
    outcome, message, details = verdict
    # By position: eleven keywords take as long as the comparison.
    return AssertionResult(
        spec.source,
        path,
        spec.comparator,
        spec.negated,
        expected,
        None if isinstance(actual, Nothing) else kept(item.source, path, actual),
        outcome,
        message,
        spec.filters,
        spec.warns,
        details,
    )


class _Verdict(NamedTuple):
    outcome: Outcome
    message: str = ""
    details: tuple[str, ...] = ()


_PASSED = _Verdict(Outcome.PASSED)


def _verdict(item: Assertion, path: str, expected: Any, prepared: Any, actual: Any) -> _Verdict:
    spec, comparator = item.spec, item.comparator
    if isinstance(actual, Nothing):
        if spec.comparator == "exists" and spec.negated:
            return _PASSED
        return _Verdict(
            Outcome.FAILED, f"{_should(item, path, expected)}, but {actual.reason}."
        )
    lines: tuple[str, ...] = ()
    found, wanted = actual, prepared
    try:
        if item.source.is_text and comparator.meets != "as it is":
            found, wanted = _as_texts(comparator.meets, actual, prepared)
        if comparator.check(found, wanted) is not spec.negated:
            return _PASSED
        if comparator.differences is not None and not spec.negated:
            lines = tuple(comparator.differences(found, wanted))
    except CannotCompare as error:
        reason = str(error)
    else:
        reason = _reason(spec.comparator, found, lines)
    if kept(item.source, path, actual) is not actual:
        reason, lines = f"was {MASK}", ()
    sentence = f"{_should(item, path, expected)}, but {reason}."
    return _Verdict(Outcome.FAILED, sentence, lines if len(lines) > 1 else ())


def _reason(comparator: str, actual: Any, lines: Sequence[str]) -> str:
    """What there was instead; of a document only where it differs."""
    if lines and (isinstance(actual, (dict, list)) or len(lines) > 1):
        more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        return f"it differs at {'; '.join(lines[:_SHOWN])}{more}"
    return f"{'is' if comparator == 'exists' else 'was'} {shown(actual)}"


def kept(source: Source, path: str, value: Any) -> Any:
    """What a record may show: credentials in headers are masked as headers are."""
    return MASK if source.hides is not None and source.hides(path) else value


def _as_texts(meets: str, actual: Any, expected: Any) -> tuple[Any, Any]:
    """For a source that is always text: an expected number becomes its JSON text.

    Comparators about order read both sides as numbers instead.
    """
    if not isinstance(actual, str):  # a flag of a cookie is true; filters make anything
        return actual, expected
    if meets == "number":
        return _number(actual), _numbers(expected)
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


def _subject(item: Assertion, path: str) -> str:
    subject = f"{item.source.label} {path}" if path else item.source.label
    filters = item.spec.filters
    return f"{subject} | {filters}" if filters else subject


def _should(item: Assertion, path: str, expected: Any) -> str:
    comparator = item.comparator
    verb = (
        f"should not {comparator.phrase}"
        if item.spec.negated
        else f"should {comparator.phrase}"
    )
    value = f" {shown(expected, _EXPECTED)}" if comparator.needs_expected else ""
    return f"{_subject(item, path)} {verb}{value}"
