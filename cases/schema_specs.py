"""The stored schemas of compiled cases: what they say now, and who names them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cases import uses
from cases.engine.comparators import COMPARATORS
from cases.engine.spec import AssertionSpec, CaseSpec, SchemaSpec
from cases.engine.stored_schemas import name_in, references
from cases.models import Schema, SchemaUse
from cases.models.schema import LONGEST_NAME


class Shelf:
    """Stored schemas, read from the database when they are first asked for."""

    def __init__(self, own: Mapping[str, Any] | None = None) -> None:
        """`own` are schemas by name that are not saved yet."""
        self._found: dict[str, Any] = dict(own or {})
        self._missing: set[str] = set()

    def named_by(self, assertions: Iterable[AssertionSpec]) -> set[str]:
        """What these name, and what that names, whether it is there or not."""
        names: set[str] = set()
        for spec in assertions:
            comparator = COMPARATORS.get(spec.comparator)
            if comparator is not None and comparator.names_schemas:
                names |= {name_in(spec.expected), *references(spec.expected)}
        return self.reached_from(names)

    def reached_from(self, names: Iterable[str]) -> set[str]:
        """These names and all that they lead to."""
        reached: set[str] = set()
        new = {name for name in names if 0 < len(name) <= LONGEST_NAME}
        while new:
            self._fetch(new)
            reached |= new
            texts = (self._found[name] for name in new if name in self._found)
            new = {name for text in texts for name in references(text)} - reached
            new = {name for name in new if len(name) <= LONGEST_NAME}
        return reached

    def specs(self, names: Iterable[str]) -> tuple[SchemaSpec, ...]:
        """Those that are there, of names that were reached."""
        return tuple(
            SchemaSpec(name=name, text=json.dumps(self._found[name]))
            for name in sorted(names)
            if name in self._found
        )

    def _fetch(self, names: set[str]) -> None:
        unknown = names - self._found.keys() - self._missing
        if unknown:
            rows = Schema.objects.filter(name__in=unknown).values_list("name", "schema")
            self._found.update(rows)
            self._missing |= unknown - self._found.keys()


def completed(specs: Mapping[int, CaseSpec]) -> dict[int, CaseSpec]:
    """The specs with the stored schemas that their assertions name, as these are now."""
    shelf = Shelf()
    return {
        pk: replace(spec, schemas=shelf.specs(names))
        if (names := shelf.named_by(_assertions(spec)))
        else spec
        for pk, spec in specs.items()
    }


def note_uses(specs: Mapping[int, CaseSpec]) -> None:
    """Bring `SchemaUse` up to date for these cases, by their ids."""
    shelf = Shelf()
    wanted = {
        (pk, name) for pk, spec in specs.items() for name in shelf.named_by(_assertions(spec))
    }
    uses.note(SchemaUse, wanted, specs.keys())


def _assertions(spec: CaseSpec) -> Iterable[AssertionSpec]:
    yield from spec.defaults.assertions
    for step in spec.steps:
        yield from step.assertions
