"""What happens to stored schemas: a new text, and who names them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from cases import specs, uses
from cases.engine.spec import SchemaSpec, StepSpec
from cases.engine.stored_schemas import references, stored_schemas
from cases.models import Schema, SchemaUse
from cases.schema_specs import Shelf


def save(schema: Schema) -> None:
    """Store it and compile the cases that name it.

    A run that has started still judges by what it was made with.
    """
    with transaction.atomic():
        schema.save()
        specs.refresh_users(SchemaUse, [schema.name])


def delete(schemas: Iterable[Schema]) -> None:
    """Nothing in use: ask `users` before."""
    rows = list(schemas)
    with transaction.atomic():
        Schema.objects.filter(pk__in=[row.pk for row in rows]).delete()
        specs.refresh_users(SchemaUse, [row.name for row in rows])


def check(name: str, schema: Any) -> None:
    """Raises CannotJudge for what could not be used as a schema of this name."""
    shelf = Shelf({name: schema})
    stored_schemas(shelf.specs(shelf.reached_from([name]))).check(name)


def named_by(step: StepSpec) -> tuple[SchemaSpec, ...]:
    """The stored schemas that a step on its own may name."""
    shelf = Shelf()
    return shelf.specs(shelf.named_by(step.assertions))


def users(names: Iterable[str]) -> dict[str, list[str]]:
    """By the names that are used: the other schemas that do, and the paths of the cases."""
    wanted = set(names)
    found = {name: list(others.values()) for name, others in referring_to(wanted).items()}
    for name, cases in uses.users(SchemaUse, wanted).items():
        found.setdefault(name, []).extend(cases.values())
    return found


def referring_to(names: Iterable[str]) -> dict[str, dict[int, str]]:
    """By the names that are used: the other schemas that do, their ids and names."""
    wanted, found = set(names), dict[str, dict[int, str]]()
    for pk, name, schema in Schema.objects.values_list("pk", "name", "schema"):
        for used in set(references(schema)) & wanted - {name}:
            found.setdefault(used, {})[pk] = name
    return found
