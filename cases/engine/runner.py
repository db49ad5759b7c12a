"""run_case(): build -> send -> extract -> assert, step by step; never raises."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from cases.engine.answer import Answer
from cases.engine.asker import CANCELLED, Asker
from cases.engine.auth.tokens import TokenStore
from cases.engine.compiled import CompiledStep
from cases.engine.compiler import compile_case
from cases.engine.errors import Cancelled, EngineError
from cases.engine.files import Contents, Files
from cases.engine.judging import judge_step
from cases.engine.messages import Exchange
from cases.engine.outcome import (
    AssertionResult,
    Attempt,
    ExtractionResult,
    Outcome,
    StepResult,
)
from cases.engine.redact import redact
from cases.engine.spec import CaseSpec, EnvironmentSpec, RowSpec
from cases.engine.transport import Session
from cases.engine.values import as_text
from cases.engine.variables import Variables

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
    tokens: TokenStore | None = None,
    contents: Contents | None = None,
) -> Attempt:
    """Run all steps until one does not pass.

    Never raises for a bad test or a bad target: that is data. `stopped` is asked before
    every exchange; once it says yes nothing more is sent. `tokens` may be shared by the
    cases of a run: an access token is fetched once for them all. `contents` are the bytes
    of the attachments of the spec, by digest. What comes back is free of secrets.
    """
    session.forget()
    try:
        run = _Run(spec, variables, session, environment, row, stopped, tokens, contents)
        attempt = run.attempt()
    finally:
        session.forget()
    return redact(attempt, run.secrets)


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
        tokens: TokenStore | None,
        contents: Contents | None,
    ) -> None:
        self._started_at, self._began = time.time(), time.perf_counter_ns()
        self._spec = spec
        self._compiled = compile_case(spec)
        rows = [] if row is None else [("row", dict(row.values))]
        self._variables = variables.narrowed(*rows)
        self._files = Files(spec.attachments, contents)
        self._asker = Asker(session, environment, self._variables, self._files, tokens, stopped)

    @property
    def secrets(self) -> frozenset[str]:
        """Those that were known before, and those that were found out on the way."""
        return self._variables.secrets

    def attempt(self) -> Attempt:
        refused = self._refused()
        if refused is not None:
            return refused
        self._asker.deadline = time.monotonic() + self._spec.timeout_ms / 1000
        steps: list[StepResult] = []
        outcome, message = Outcome.PASSED, ""
        for step in self._compiled.steps:
            if outcome is Outcome.PASSED:
                result = self._step(step)
                outcome = result.outcome
                # Of steps that passed, the first that warned speaks for the case.
                if outcome is not Outcome.PASSED or not message:
                    message = result.message
            else:
                waiting = CANCELLED if outcome is Outcome.SKIPPED else NOT_REACHED
                result = _unsent(step, Outcome.SKIPPED, waiting)
            steps.append(result)
        return self._ended(outcome, message, steps)

    def _ended(self, outcome: Outcome, message: str, steps: Iterable[StepResult]) -> Attempt:
        uses = self._variables.uses()
        took_ms = _since(self._began)
        return Attempt(outcome, message, tuple(steps), uses, self._started_at, took_ms)

    def _refused(self) -> Attempt | None:
        """A case with a problem sends nothing at all, not even the steps before it."""
        case = self._compiled
        if case.is_sound:
            return None
        of_steps = [[*step.problems, *self._files.problems(step)] for step in case.steps]
        problems = [*case.problems, *(problem for found in of_steps for problem in found)]
        if not problems:
            return None
        steps = [
            _unsent(step, Outcome.ERROR, found[0].message)
            if found
            else _unsent(step, Outcome.SKIPPED, "Not sent: the case has an error.")
            for step, found in zip(case.steps, of_steps, strict=True)
        ]
        return self._ended(Outcome.ERROR, problems[0].message, steps)

    def _step(self, step: CompiledStep) -> StepResult:
        if not step.spec.delay_ms and not step.spec.poll.for_ms:
            return self._once(step)
        began = time.perf_counter_ns()
        try:
            result = self._waiting(step, began)
        except Cancelled:
            result = _unsent(step, Outcome.SKIPPED, CANCELLED)
        return result._replace(duration_ms=_since(began))

    def _waiting(self, step: CompiledStep, began: int) -> StepResult:
        """After its delay, as often as it is to be polled. Raises Cancelled in a pause."""
        spec, asker = step.spec, self._asker
        if spec.delay_ms and not asker.wait(spec.delay_ms):
            message = (
                f"The deadline of the case is over before the delay of {spec.delay_ms} ms."
            )
            return _unsent(step, Outcome.ERROR, message)
        result, n_polls = self._once(step), 1
        until = began + (spec.delay_ms + spec.poll.for_ms) * 1_000_000
        while is_worth_polling(result):
            if time.perf_counter_ns() + spec.poll.every_ms * 1_000_000 > until:
                break
            if not asker.wait(spec.poll.every_ms):
                break
            result, n_polls = self._once(step), n_polls + 1
        if spec.poll.for_ms and result.message:
            asked = f"{result.message} (Asked {n_polls} times within {spec.poll.for_ms} ms.)"
            result = result._replace(message=asked)
        return result._replace(n_polls=n_polls)

    def _once(self, step: CompiledStep) -> StepResult:
        began = time.perf_counter_ns()
        asker = self._asker
        exchanges: list[Exchange] = []
        assertions: Sequence[AssertionResult] = ()
        extractions: Sequence[ExtractionResult] = ()
        asker.exchanges = exchanges
        try:
            asker.ask_step(step)
        except Cancelled:
            outcome, message = Outcome.SKIPPED, CANCELLED
        except EngineError as error:
            outcome, message = Outcome.ERROR, str(error)
        except RecursionError:
            outcome, message = Outcome.ERROR, f"Values{step.place} are nested too deeply."
        else:
            told = [exchange for exchange in exchanges if exchange.purpose != "token"]
            judged = judge_step(step, Answer(told, self._variables), asker.deadline)
            assertions, extractions = judged.assertions, judged.extractions
            outcome, message = judged.verdict
        return StepResult(
            _name(step),
            outcome,
            message,
            tuple(exchanges),
            1,  # n_polls
            tuple(assertions),
            tuple(extractions),
            _since(began),
        )


def is_worth_polling(result: StepResult) -> bool:
    """The answer was wrong, or none came: both may be otherwise a moment later."""
    if result.outcome is Outcome.ERROR:
        return bool(result.exchanges and result.exchanges[-1].error)
    return result.outcome is Outcome.FAILED


def _unsent(step: CompiledStep, outcome: Outcome, message: str) -> StepResult:
    return StepResult(name=_name(step), outcome=outcome, message=message)


def _name(step: CompiledStep) -> str:
    return as_text(step.spec.name) or f"{step.spec.method} {step.spec.url}"


def _since(began: int) -> float:
    """Milliseconds, of whole microseconds."""
    return (time.perf_counter_ns() - began) // 1000 / 1000
