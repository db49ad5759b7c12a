"""Assertions and extractions of a project file: phrases, or mappings of their specs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cases.engine.spec import AssertionSpec, ExtractionSpec
from cases.importers import phrases
from cases.importers.fields import Fields

Phrase = TypeVar("Phrase", AssertionSpec, ExtractionSpec)


def read_extractions(fields: Fields) -> tuple[ExtractionSpec, ...]:
    """`{token: $.token}`, or a list of ExtractionSpec mappings."""
    written = fields.any("extract", {})
    if isinstance(written, dict):
        return tuple(
            _said(fields, phrases.extraction, name, str(phrase))
            for name, phrase in written.items()
        )
    found = []
    for number, value in enumerate(fields.list("extract"), start=1):
        with Fields(value, f"{fields.place}, extraction {number}") as inner:
            found.append(
                ExtractionSpec(
                    name=inner.name(),
                    source=inner.text("source"),
                    path=inner.text("path", ""),
                    filters=inner.text("filters", ""),
                    optional="default" in inner,
                    default=inner.any("default", None),
                    secret=inner.boolean("secret", False),
                )
            )
    return tuple(found)


def read_assertions(fields: Fields) -> tuple[AssertionSpec, ...]:
    """A list of phrases and AssertionSpec mappings."""
    found = []
    for number, value in enumerate(fields.list("assert"), start=1):
        if isinstance(value, dict):
            with Fields(value, f"{fields.place}, assertion {number}") as inner:
                found.append(
                    AssertionSpec(
                        source=inner.text("source"),
                        path=inner.text("path", ""),
                        filters=inner.text("filters", ""),
                        comparator=inner.text("comparator", "equals"),
                        negated=inner.boolean("negated", False),
                        expected=inner.any("expected", None),
                        warns=inner.boolean("warns", False),
                    )
                )
        else:
            found.append(_said(fields, phrases.assertion, str(value)))
    return tuple(found)


def _said(fields: Fields, read: Callable[..., Phrase], *texts: str) -> Phrase:
    try:
        return read(*texts)
    except phrases.BadPhrase as error:
        fields.refuse("%(phrase)s", phrase=error)
