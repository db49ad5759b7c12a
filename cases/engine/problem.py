"""What is wrong with a spec, and the wrong types that JSON lets through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any, NamedTuple

from cases.engine.plain_data import Spec
from cases.engine.spec import DefaultsSpec, StepSpec
from cases.engine.values import shown


class Problem(NamedTuple):
    """What is wrong with a field of a spec, as a sentence for its form."""

    field: str
    message: str


_TYPES = {"str": (str, "a text"), "bool": (bool, "true or false")}


def wrong_types(step: StepSpec, defaults: DefaultsSpec) -> Iterator[Problem]:
    """A stored spec may hold anything; what is no text cannot be read as one."""
    yield from wrong_fields(step, "")
    for name in ("auth", "body"):
        yield from wrong_fields(getattr(step, name), name)
    for part in step.body.parts:
        yield from wrong_fields(part, "body")
    for extraction in step.extractions:
        yield from wrong_fields(extraction, "extractions")
    for assertion in (*step.assertions, *defaults.assertions):
        yield from wrong_fields(assertion, "assertions")
    yield from wrong_fields(defaults.auth, "auth")


def wrong_fields(spec: Spec, field_of_step: str) -> Iterator[Problem]:
    """Those of this one spec that hold what is not of their type."""
    # A class is hashable, whatever mypy says.
    for name, wanted, phrase in _wanted(type(spec)):  # type: ignore[arg-type]
        value: Any = getattr(spec, name)
        if not isinstance(value, wanted):
            yield Problem(
                field_of_step or name, f"{name} must be {phrase}, not {shown(value, 60)}."
            )


@cache
def _wanted(cls: type[Spec]) -> list[tuple[str, type, str]]:
    """The fields that have one type, with it and its name."""
    typed = ((field.name, _TYPES.get(str(field.type))) for field in fields(cls))
    return [(name, *wanted) for name, wanted in typed if wanted is not None]
