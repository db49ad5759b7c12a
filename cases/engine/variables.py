"""What {{name}} stands for: scopes from wide to narrow, types kept, cycles refused.

A value that a tester wrote may hold placeholders itself. A secret and a value that came
from a response are taken literally: response data is never evaluated.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cases.engine.errors import (
    BadSpec,
    CannotRender,
    FunctionFailed,
    UndefinedVariable,
    VariableCycle,
)
from cases.engine.filters.arguments import LONGEST
from cases.engine.functions import FUNCTIONS, Function
from cases.engine.outcome import VariableUse
from cases.engine.patterns import Nothing
from cases.engine.templates import (
    Call,
    Expression,
    Literal,
    Name,
    Template,
    holds_placeholder,
    parse,
)
from cases.engine.values import as_text, leaves

_KEPT = (str, bool, int, float, list, dict, bytes, Nothing)
_DEEPEST = 50  # variables that refer to variables

Scope = tuple[str, Mapping[str, Any]]


class Variables:
    """The values one attempt sees.

    A variable has one value in it, however often it is used: an `order_id` written as
    {{$uuid}} is drawn once, not once per step.
    """

    __slots__ = (
        "_extracted",
        "_functions",
        "_known",
        "_open",
        "_scopes",
        "_seen",
        "_used",
        "secrets",
    )

    def __init__(
        self,
        scopes: Sequence[Scope],
        secrets: Collection[str] = (),
        functions: Mapping[str, Function] = FUNCTIONS,
    ) -> None:
        self.secrets = frozenset(secrets)
        self._scopes = tuple(scopes)
        self._functions = functions
        self._extracted: dict[str, Any] = {}
        # What was worked out already, with the names it was made of.
        self._known: dict[str, tuple[Any, frozenset[str]]] = {}
        self._seen: dict[str, tuple[str, Any]] = {}
        self._open: list[str] = []
        self._used: list[set[str]] = []

    def narrowed(self, *scopes: Scope) -> Variables:
        """A copy for one attempt: narrower scopes added, nothing extracted yet."""
        return Variables((*self._scopes, *scopes), self.secrets, self._functions)

    def keep(self, name: str, value: Any) -> None:
        """Set an extracted variable; it wins over every written one from now on."""
        self._extracted[name] = value
        if not self._known:
            return
        stale = [key for key, (_, used) in self._known.items() if name in used]
        for key in stale:
            del self._known[key]
        self._known.pop(name, None)

    def hide(self, value: Any) -> None:
        """Mask every text and number in a value that was found out on the way."""
        self.secrets |= frozenset(leaves(value))

    def value(self, template: Template, place: str) -> Any:
        """Render; a template that is exactly one placeholder keeps its type."""
        single = template.single
        if single is not None:
            return self.evaluate(single, place)
        return self.text(template, place)

    def text(self, template: Template, place: str) -> str:
        """Render to text."""
        if not template.has_placeholders:
            return template.text
        return "".join(
            [
                part if isinstance(part, str) else as_text(self.evaluate(part, place))
                for part in template.parts
            ]
        )

    def fill(self, text: str, place: str) -> str:
        """Render a text that nobody compiled before."""
        return self.text(_template(text, place), place) if "{{" in text else text

    def render(self, value: Any, place: str) -> Any:
        """Render every text inside a JSON value."""
        if isinstance(value, str):
            return self.value(_template(value, place), place) if "{{" in value else value
        if isinstance(value, dict):
            return {
                self.text(_template(key, place), place): self.render(item, place)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.render(item, place) for item in value]
        return value

    def evaluate(self, expression: Expression, place: str) -> Any:
        """The value of one placeholder. Raises CannotRender naming the place."""
        if isinstance(expression, Name):
            return self.get(expression.name, place)
        if isinstance(expression, Literal):
            return expression.value
        value = self._argument(expression, place)
        return value.hex() if isinstance(value, bytes) else value

    def _called(self, call: Call, place: str) -> Any:
        """Bytes may pass from filter to filter."""
        return self.call(
            call.function, [self._argument(i, place) for i in call.arguments], place
        )

    def _argument(self, expression: Expression, place: str) -> Any:
        if not isinstance(expression, Call):
            return self.evaluate(expression, place)
        value = self._called(expression, place)
        if isinstance(value, Nothing):
            raise FunctionFailed(expression.function, place, f"{value.reason}.")
        return value

    def get(self, name: str, place: str) -> Any:
        """The value of a variable, its own placeholders rendered."""
        if self._used:
            self._used[-1].add(name)
        if name in self._extracted:
            value = self._extracted[name]
            self._seen[name] = "extracted", value
            return value
        for scope, written in reversed(self._scopes):
            if name in written:
                value = self._written(name, written[name], place)
                self._seen[name] = scope, value
                return value
        raise UndefinedVariable(name, place)

    def uses(self) -> tuple[VariableUse, ...]:
        """Which variables were asked for, with their secrets still in them."""
        return tuple(
            VariableUse(name=name, scope=scope, value=value)
            for name, (scope, value) in self._seen.items()
        )

    def _written(self, name: str, value: Any, place: str) -> Any:
        if not holds_placeholder(value) or (isinstance(value, str) and value in self.secrets):
            return value
        if name in self._known:
            value, used = self._known[name]
            if self._used:
                self._used[-1] |= used
            return value
        if name in self._open:
            names = [*self._open[self._open.index(name) :], name]
            raise VariableCycle(names, place)
        if len(self._open) >= _DEEPEST:
            raise CannotRender(f"Variables in {place} refer to each other too deeply.")
        self._open.append(name)
        self._used.append(set())
        try:
            value = self.render(value, f"variable {name} (used in {place})")
        finally:
            self._open.pop()
            used = frozenset(self._used.pop())
        if self._used:
            self._used[-1] |= used
        self._known[name] = value, used
        return value

    def call(self, name: str, arguments: Sequence[Any], place: str) -> Any:
        """What a function or filter makes of its arguments: a JSON value, bytes or Nothing.

        Raises FunctionFailed, with what the function raised as its cause.
        """
        function = self._functions.get(name)
        if function is None:
            raise FunctionFailed(name, place, "there is no such function.")
        try:
            value = function(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # an operator's function may even raise SystemExit
            reason = str(error) or type(error).__name__
            raise FunctionFailed(name, place, f"{reason.rstrip('.')}.") from error
        if isinstance(value, str) and len(value) > LONGEST:
            raise FunctionFailed(name, place, f"its text has more than {LONGEST} characters.")
        if value is None or isinstance(value, _KEPT):
            return value
        return str(value)


def _template(text: str, place: str) -> Template:
    try:
        return parse(text)
    except BadSpec as error:
        raise CannotRender(f"In {place}: {error}") from None
