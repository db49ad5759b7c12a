"""Writing rows only where that changes something, and counting it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from cases.importers.project import BadProject


@dataclass(slots=True)
class Tally:
    """How many rows of each kind were created, updated, or right already."""

    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    # Secrets that the file names without a value and the database does not have either.
    missing_secrets: list[str] = field(default_factory=list)

    def put(
        self, row: models.Model, values: Mapping[str, Any], *, touched: bool = False
    ) -> None:
        """Give the row these values; `touched`: what hangs on it changes anyway.

        Raises ValidationError for what the columns do not take.
        """
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, values[name])
        kind = row._meta.model_name or ""
        if row.pk is not None and not changed and not touched:
            self.unchanged[kind] += 1
            return
        (self.created if row.pk is None else self.updated)[kind] += 1
        row.full_clean(validate_unique=False, validate_constraints=False)
        row.save()

    def __str__(self) -> str:
        """`1 plan, 53 cases created; 2 modules updated; 7 unchanged`"""
        parts = []
        for counts, what in ((self.created, "created"), (self.updated, "updated")):
            if counts:
                kinds = (f"{n} {kind}{'s' * (n != 1)}" for kind, n in counts.items())
                parts.append(f"{', '.join(kinds)} {what}")
        if self.unchanged:
            parts.append(f"{self.unchanged.total()} unchanged")
        return "; ".join(parts) or "nothing to load"


@contextmanager
def place(kind: str, name: str) -> Iterator[None]:
    """Says where in the project it was that a row was refused."""
    try:
        yield
    except ValidationError as error:
        raise BadProject(f"{kind} {name}: {' '.join(error.messages)}") from error
