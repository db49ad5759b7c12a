"""What the engine refuses, said by a form."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cases.engine.spec import CaseSpec
from cases.engine.validate import Problem, problems


def check_variables(values: list[list[Any]]) -> None:
    """Raises ValidationError for names and templates that the engine would refuse."""
    variables = tuple((str(name), value) for name, value in values)
    refuse(problems(CaseSpec(name="", path="", steps=(), variables=variables)), "variables")


def deadline_error(asked_ms: int, limit_ms: int) -> str:
    return _(
        "A deadline of %(asked)s ms cannot be kept: CASE_TIMEOUT_S allows %(limit)s ms."
    ) % {"asked": asked_ms, "limit": limit_ms}


def refuse(found: list[Problem], field: str) -> None:
    messages = [problem.message for problem in found if problem.field == field]
    if messages:
        raise ValidationError(messages)
