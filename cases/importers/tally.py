"""Writing rows only where that changes something, and counting it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from cases.importers.project import BadProject

Models = Counter[type[models.Model]]


@dataclass(slots=True)
class Tally:
    """How many rows of each model were created, updated, or right already."""

    created: Models = field(default_factory=Counter)
    updated: Models = field(default_factory=Counter)
    unchanged: Models = field(default_factory=Counter)
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
        if row.pk is not None and not changed and not touched:
            self.unchanged[type(row)] += 1
            return
        (self.created if row.pk is None else self.updated)[type(row)] += 1
        row.full_clean(validate_unique=False, validate_constraints=False)
        row.save()

    def __str__(self) -> str:
        """`created: 53 cases, 1 plan; updated: 2 modules; unchanged: 7`"""
        parts = []
        if self.created:
            parts.append(_("created: %s") % _in_words(self.created))
        if self.updated:
            parts.append(_("updated: %s") % _in_words(self.updated))
        if self.unchanged:
            parts.append(_("unchanged: %d") % self.unchanged.total())
        return "; ".join(parts) or _("nothing to load")


def _in_words(counts: Models) -> str:
    return ", ".join(
        f"{n} {model._meta.verbose_name if n == 1 else model._meta.verbose_name_plural}"
        for model, n in counts.items()
    )


@contextmanager
def place(kind: str, name: str) -> Iterator[None]:
    """Says where in the project it was that a row was refused."""
    try:
        yield
    except ValidationError as error:
        raise BadProject(f"{_(kind)} {name}: {' '.join(error.messages)}") from error
