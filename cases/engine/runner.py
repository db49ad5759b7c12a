"""run_case(): build -> send -> extract -> assert, step by step; never raises."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Any

from cases.engine import redirects
from cases.engine.assertions import judge, kept
from cases.engine.build import build
from cases.engine.compiled import Assertion, CompiledStep, Extraction
from cases.engine.compiler import compile_case
from cases.engine.curl_adapter import Wire
from cases.engine.errors import CannotJudge, EngineError, NoAnswer
from cases.engine.extract import Answer, read
from cases.engine.messages import Exchange, Request
from cases.engine.outcome import (
    AssertionResult,
    Attempt,
    ExtractionResult,
    Outcome,
    StepResult,
)
from cases.engine.patterns import Nothing
from cases.engine.policy import Policy, policy
from cases.engine.redact import redact
from cases.engine.spec import CaseSpec, EnvironmentSpec, RowSpec
from cases.engine.transport import Session
from cases.engine.variables import Variables

CANCELLED = "Cancelled."
NOT_REACHED = "Not sent: an earlier step did not pass."


def never() -> bool:
    return False


class Cancelled(EngineError):
    """Somebody stopped the run: nothing more is sent."""


def run_case(
    spec: CaseSpec,
    variables: Variables,
    session: Session,
    *,
    environment: EnvironmentSpec,
    row: RowSpec | None = None,
    stopped: Callable[[], bool] = never,
) -> Attempt:
    """Run all steps until one does not pass.

    Never raises for a bad test or a bad target: that is data. `stopped` is asked before
    every exchange; once it says yes nothing more is sent. What comes back is free of
    secrets.
    """
    started_at, began = time.time(), time.perf_counter()
    session.forget()
    try:
        run = _Run(spec, variables, session, environment, row, stopped)
        attempt = run.attempt()
    finally:
        session.forget()
    return redact(
        replace(attempt, started_at=started_at, duration_ms=_since(began)),
        variables.secrets,
    )


class _Run:
    """One attempt while it is being made."""

    def __init__(
        self,
        spec: CaseSpec,
        variables: Variables,
        session: Session,
        environment: EnvironmentSpec,
        row: RowSpec | None,
        stopped: Callable[[], bool],
    ) -> None:
        self._deadline = 0.0  # set when the case turns out to be sendable
        self._spec = spec
        self._compiled = compile_case(spec)
        self._variables = variables.narrowed(
            *([("row", dict(row.values))] if row is not None else [])
        )
        self._session = session
        self._environment = environment
        self._stopped = stopped

    def attempt(self) -> Attempt:
        refused = self._refused()
        if refused is not None:
            return refused
        self._deadline = time.monotonic() + self._spec.timeout_ms / 1000
        steps: list[StepResult] = []
        outcome, message = Outcome.PASSED, ""
        for step in self._compiled.steps:
            if outcome is Outcome.PASSED:
                result = self._step(step)
                outcome, message = result.outcome, result.message
            else:
                waiting = CANCELLED if outcome is Outcome.SKIPPED else NOT_REACHED
                result = _unsent(step, Outcome.SKIPPED, waiting)
            steps.append(result)
        return Attempt(outcome=outcome, message=message, steps=tuple(steps))

    def _refused(self) -> Attempt | None:
        """A case with a problem sends nothing at all, not even the steps before it."""
        case = self._compiled
        problems = [*case.problems, *(p for step in case.steps for p in step.problems)]
        if not problems:
            return None
        steps = [
            _unsent(step, Outcome.ERROR, step.problems[0].message)
            if step.problems
            else _unsent(step, Outcome.SKIPPED, "Not sent: the case has an error.")
            for step in case.steps
        ]
        return Attempt(outcome=Outcome.ERROR, message=problems[0].message, steps=tuple(steps))

    def _step(self, step: CompiledStep) -> StepResult:
        began = time.perf_counter()
        exchanges: list[Exchange] = []
        try:
            self._ask(step, exchanges)
        except Cancelled:
            outcome, message = Outcome.SKIPPED, CANCELLED
        except EngineError as error:
            outcome, message = Outcome.ERROR, str(error)
        except RecursionError:
            outcome, message = Outcome.ERROR, f"Values{step.place} are nested too deeply."
        else:
            return self._judged(step, exchanges, began)
        return StepResult(
            name=_name(step),
            outcome=outcome,
            message=message,
            exchanges=tuple(exchanges),
            duration_ms=_since(began),
        )

    def _ask(self, step: CompiledStep, exchanges: list[Exchange]) -> None:
        """Send, and follow redirects; every hop is an exchange. Raises EngineError."""
        spec = step.spec
        deadline = self._deadline
        if spec.timeout_ms is not None:
            deadline = min(deadline, time.monotonic() + spec.timeout_ms / 1000)
        self._ask_leave()
        request: Request | None = build(step, self._environment, self._variables)
        way = policy(self._environment, self._variables)
        while request is not None:
            exchange = self._exchange(request, way, deadline)
            exchanges.append(exchange)
            if exchange.error or exchange.response is None:
                raise NoAnswer(exchange.error)
            if not spec.follow_redirects:
                return
            request = redirects.next_request(request, exchange.response)
            if request is not None:
                if len(exchanges) > spec.max_redirects:
                    raise NoAnswer(
                        f"The answer redirects more than {spec.max_redirects} times."
                    )
                self._ask_leave()

    def _ask_leave(self) -> None:
        if self._stopped():
            raise Cancelled(CANCELLED)

    def _exchange(self, request: Request, way: Policy, deadline: float) -> Exchange:
        left_ms = ceil((deadline - time.monotonic()) * 1000)
        if left_ms <= 0:
            raise NoAnswer("The deadline had passed before this request could be sent.")
        request = way.addressed(self._session.with_cookies(request))
        wire = Wire(
            request=request,
            policy=way,
            timeout_ms=left_ms,
            connect_timeout_ms=min(left_ms, self._environment.connect_timeout_ms),
            response_limit=self._environment.response_limit,
        )
        try:
            return Exchange(request=request, response=self._session.send(wire))
        except NoAnswer as error:
            return Exchange(request=request, response=error.response, error=str(error))

    def _judged(
        self, step: CompiledStep, exchanges: list[Exchange], began: float
    ) -> StepResult:
        answer = Answer(exchanges, self._variables)
        extracted = [self._extract(item, answer) for item in step.extractions]
        assertions = [self._assert(item, answer) for item in step.assertions]
        found = [(item.outcome, item.message) for item in assertions]
        found += [(outcome, item.message) for outcome, item in extracted]
        outcome, message = _verdict(found)
        return StepResult(
            name=_name(step),
            outcome=outcome,
            message=message,
            exchanges=tuple(exchanges),
            assertions=tuple(assertions),
            extractions=tuple(item for _, item in extracted),
            duration_ms=_since(began),
        )

    def _in_time(self) -> None:
        """Judging belongs to the case's deadline too: patterns may be slow."""
        if time.monotonic() > self._deadline:
            raise CannotJudge("The deadline of the case had passed before this was judged.")

    def _extract(self, item: Extraction, answer: Answer) -> tuple[Outcome, ExtractionResult]:
        """Not found is a wrong answer; not askable is an error."""
        spec, path = item.spec, item.spec.path
        value: Any = None
        outcome, reason = Outcome.PASSED, ""
        try:
            self._in_time()
            path = self._variables.text(*item.path)
            value = read(spec.source, path, answer)
        except EngineError as error:
            outcome, reason = Outcome.ERROR, str(error)
        if isinstance(value, Nothing):
            outcome, value, reason = Outcome.FAILED, None, f"{value.reason}."
        if outcome is Outcome.PASSED:
            self._variables.keep(spec.name, value)
        return outcome, ExtractionResult(
            name=spec.name,
            source=spec.source,
            path=path,
            value=kept(spec.source, path, value),
            message=f"Variable {spec.name} was not extracted: {reason}" if reason else "",
        )

    def _assert(self, item: Assertion, answer: Answer) -> AssertionResult:
        spec, expected = item.spec, item.expected
        try:
            self._in_time()
            path = self._variables.text(*item.path)
            if item.has_placeholders:
                expected = self._variables.render(expected, item.place)
        except EngineError as error:
            return AssertionResult(
                source=spec.source,
                path=spec.path,
                comparator=spec.comparator,
                negated=spec.negated,
                expected=expected,
                actual=None,
                outcome=Outcome.ERROR,
                message=str(error),
            )
        return judge(spec, path, expected, answer)


def _verdict(found: list[tuple[Outcome, str]]) -> tuple[Outcome, str]:
    """The worst of all; its first sentence, and how many more there are."""
    broken = [one for one in found if one[0] is not Outcome.PASSED]
    if not broken:
        return Outcome.PASSED, ""
    worst = max((outcome for outcome, _ in broken), key=lambda outcome: outcome.weight)
    sentence = next(message for outcome, message in broken if outcome is worst)
    more = len(broken) - 1
    return worst, sentence + (f" (And {more} more.)" if more else "")


def _unsent(step: CompiledStep, outcome: Outcome, message: str) -> StepResult:
    return StepResult(name=_name(step), outcome=outcome, message=message)


def _name(step: CompiledStep) -> str:
    return step.spec.name or f"{step.spec.method} {step.spec.url}"


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)
