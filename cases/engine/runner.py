"""run_case(): build -> send -> extract -> assert, step by step; never raises."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from math import ceil

from cases.engine import redirects
from cases.engine.build import build
from cases.engine.compiled import CompiledStep
from cases.engine.compiler import compile_case
from cases.engine.errors import Cancelled, EngineError, NoAnswer
from cases.engine.extract import Answer
from cases.engine.judging import Judged, judge_step
from cases.engine.messages import Exchange, Request
from cases.engine.outcome import Attempt, Outcome, StepResult
from cases.engine.policy import Policy, policy
from cases.engine.redact import redact
from cases.engine.spec import CaseSpec, EnvironmentSpec, RowSpec
from cases.engine.transport import Session
from cases.engine.variables import Variables
from cases.engine.wire import Wire

CANCELLED = "Cancelled."
NOT_REACHED = "Not sent: an earlier step did not pass."


def never() -> bool:
    return False


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
        rows = [] if row is None else [("row", dict(row.values))]
        self._variables = variables.narrowed(*rows)
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
        judged = Judged()
        try:
            self._ask(step, exchanges)
        except Cancelled:
            outcome, message = Outcome.SKIPPED, CANCELLED
        except EngineError as error:
            outcome, message = Outcome.ERROR, str(error)
        except RecursionError:
            outcome, message = Outcome.ERROR, f"Values{step.place} are nested too deeply."
        else:
            judged = judge_step(step, Answer(exchanges, self._variables), self._deadline)
            outcome, message = judged.verdict
        return StepResult(
            name=_name(step),
            outcome=outcome,
            message=message,
            exchanges=tuple(exchanges),
            assertions=tuple(judged.assertions),
            extractions=tuple(judged.extractions),
            duration_ms=_since(began),
        )

    def _ask(self, step: CompiledStep, exchanges: list[Exchange]) -> None:
        """Send, and follow redirects; every hop is an exchange. Raises EngineError."""
        spec = step.spec
        deadline = self._deadline
        if spec.timeout_ms is not None:
            deadline = min(deadline, time.monotonic() + spec.timeout_ms / 1000)
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
            if request is not None and len(exchanges) > spec.max_redirects:
                raise NoAnswer(f"The answer redirects more than {spec.max_redirects} times.")

    def _exchange(self, request: Request, way: Policy, deadline: float) -> Exchange:
        # Here and not before the request is built: a function may take its time over it.
        if self._stopped():
            raise Cancelled(CANCELLED)
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


def _unsent(step: CompiledStep, outcome: Outcome, message: str) -> StepResult:
    return StepResult(name=_name(step), outcome=outcome, message=message)


def _name(step: CompiledStep) -> str:
    return step.spec.name or f"{step.spec.method} {step.spec.url}"


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)
