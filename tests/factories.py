"""Rows for tests, with as few words as possible."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import count
from typing import Any

from cases import attachments, schemas, specs
from cases.models import Attachment, Case, DataSet, Environment, Module, Schema, Step, User
from runs.choices import Trigger
from runs.execution import plan
from runs.execution.plan import Options, Origin
from runs.execution.selection import Selection
from runs.models import ApiToken, Plan, Run

_numbers = count(1)
OK = {"source": "status", "comparator": "equals", "expected": 200}


def make_environment(base_url: str = "http://127.0.0.1:9", **fields: Any) -> Environment:
    """Without a URL: one where nobody answers."""
    fields.setdefault("name", f"environment {next(_numbers)}")
    return Environment.objects.create(base_url=base_url, **fields)


def make_module(name: str = "", **fields: Any) -> Module:
    return Module.objects.create(name=name or f"module {next(_numbers)}", **fields)


def make_case(
    module: Module | None = None,
    steps: Sequence[dict[str, Any]] = ({"url": "/json"},),
    rows: Sequence[str] = (),
    **fields: Any,
) -> Case:
    """A case with its version; a step without assertions expects status 200."""
    if rows:
        fields["dataset"] = DataSet.objects.create(
            name=f"dataset {next(_numbers)}",
            rows=[{"name": name, "values": [["row", name]]} for name in rows],
        )
    fields.setdefault("name", f"case {next(_numbers)}")
    case = Case.objects.create(module=module or make_module(), **fields)
    for position, step in enumerate(steps):
        Step.objects.create(case=case, position=position, **{"assertions": [OK], **step})
    specs.refresh(Case.objects.filter(pk=case.pk))
    case.refresh_from_db()
    return case


def make_schema(name: str, text: str) -> Schema:
    schema = Schema(name=name, text=text)
    schemas.save(schema)
    return schema


def make_attachment(name: str, data: bytes, **fields: Any) -> Attachment:
    """Stored, and known to the cases that send it."""
    attachment = Attachment(name=name, **fields)
    attachments.save(attachment, BytesIO(data))
    return attachment


def make_user(**fields: Any) -> User:
    fields.setdefault("username", f"user{next(_numbers)}")
    return User.objects.create_user(**fields)


def make_token(user: User | None = None, **fields: Any) -> tuple[ApiToken, str]:
    """The row and what the caller sends."""
    token = ApiToken(user=user or make_user(is_superuser=True), name="test", **fields)
    text = token.issue()
    token.save()
    return token, text


def make_plan(*cases: Case, environment: Environment | None = None, **fields: Any) -> Plan:
    fields.setdefault("name", f"plan {next(_numbers)}")
    saved = Plan.objects.create(environment=environment or make_environment(), **fields)
    saved.cases.set(cases)
    return saved


def make_run(
    *cases: Case, environment: Environment | None = None, planned: bool = True, **options: Any
) -> Run:
    """A run of these cases, on record but with no hint sent."""
    run = plan.create_run(
        Selection(case_ids=tuple(case.pk for case in cases)),
        environment or make_environment(),
        Origin(trigger=Trigger.COMMAND),
        Options(**options),
    )
    if planned:
        plan.plan_run(run.pk)
        run.refresh_from_db()
    return run
