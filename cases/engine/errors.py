"""Why a case could not be asked or judged, as a tree of exceptions inside the engine.

EngineError                one sentence for a tester; never leaves run_case()
├── BadSpec                the test itself is wrong: a form says the same sentence
├── CannotRender           a placeholder has no value
│   ├── UndefinedVariable
│   ├── VariableCycle
│   └── FunctionFailed
├── NoFile                 an attachment that a step is to send is not there
├── NoToken                the server that gives access tokens gave none
├── NoAnswer               the target gave no complete answer; keeps what came
├── CannotJudge            an assertion cannot be decided: the test is at fault
└── Cancelled              somebody stopped the run: nothing more is sent
"""

from __future__ import annotations

from collections.abc import Sequence

from cases.engine.messages import Response


class EngineError(Exception):
    """`str(error)` is one clear sentence with the place, the fact and the value."""


class BadSpec(EngineError):
    """What a tester wrote cannot be understood."""


class CannotRender(EngineError):
    """A placeholder cannot be replaced by a value."""


class UndefinedVariable(CannotRender):
    def __init__(self, name: str, place: str) -> None:
        super().__init__(f"Variable {{{{{name}}}}} in {place} has no value.")


class VariableCycle(CannotRender):
    def __init__(self, names: Sequence[str], place: str) -> None:
        chain = " -> ".join(names)
        super().__init__(f"Variable {names[0]} in {place} refers to itself: {chain}.")


class FunctionFailed(CannotRender):
    def __init__(self, name: str, place: str, reason: str) -> None:
        super().__init__(f"Function ${name} in {place} failed: {reason}")


class NoFile(EngineError):
    """An attachment is not there, or its content is gone."""


class NoToken(EngineError):
    """A token endpoint refused, or its answer makes no sense."""


class NoAnswer(EngineError):
    """No complete answer came. `response` is what arrived, if its head was whole; `reason`
    is one of `resend.REASONS`, or empty when asking again would change nothing."""

    def __init__(
        self, sentence: str, response: Response | None = None, reason: str = ""
    ) -> None:
        super().__init__(sentence)
        self.response = response
        self.reason = reason


class CannotJudge(EngineError):
    """An expected value or a pattern makes no sense for its comparator."""


class Cancelled(EngineError):
    """Nothing more may be sent; no fault of the test or the target."""
