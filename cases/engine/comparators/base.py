"""What a comparator is, and what all of them ask of their two values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from cases.engine.errors import CannotJudge
from cases.engine.filters.arguments import a
from cases.engine.variables import Variables


def render(expected: Any, variables: Variables, place: str) -> Any:
    """Raises CannotRender naming the place."""
    return variables.render(expected, place)


class CannotCompare(Exception):
    """The actual value is of a type that the comparator does not know."""


@dataclass(frozen=True, slots=True)
class Comparator:
    label: str
    phrase: str  # completes "should ..." and "should not ..."
    description: str
    check: Callable[[Any, Any], bool]  # of the actual and the prepared expected value
    needs_expected: bool = True
    # How a source that is always text meets what is expected: a number as its JSON text,
    # both as numbers, or each as it is.
    meets: Literal["text", "number", "as it is"] = "text"
    # Makes of the expected value, once, what `check` wants. Raises CannotJudge or BadSpec.
    prepare: Callable[[Any], Any] | None = None
    # `prepare` is left to the stored schemas of the case.
    names_schemas: bool = False
    # Puts values in for placeholders, where those of variables must not be read as patterns.
    fill: Callable[[Any, Variables, str], Any] = render
    # A line for every place where the two differ.
    differences: Callable[[Any, Any], list[str]] | None = None


def text(actual: Any) -> str:
    if not isinstance(actual, str):
        raise CannotCompare(f"it is {a(actual)}, not a text")
    return actual


def items(actual: Any) -> list[Any]:
    if not isinstance(actual, (list, tuple)):
        raise CannotCompare(f"it is {a(actual)}, not a list")
    return list(actual)


def expected_text(expected: Any, comparator: str) -> str:
    if not isinstance(expected, str):
        raise CannotJudge(f"{comparator} needs a text as expected value, not {a(expected)}.")
    return expected


def expected_list(expected: Any, comparator: str) -> list[Any]:
    if not isinstance(expected, (list, tuple)):
        raise CannotJudge(f"{comparator} needs a list as expected value, not {a(expected)}.")
    return list(expected)
