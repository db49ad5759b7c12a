"""One step of a project file: `request: POST /orders` and its company -> StepSpec."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.utils.translation import gettext as _

from cases.engine.spec import (
    AssertionSpec,
    ExtractionSpec,
    StepSpec,
)
from cases.importers import phrases
from cases.importers.auth import read_auth
from cases.importers.bodies import read_body
from cases.importers.fields import Fields
from cases.importers.pairs import read_pairs

Phrase = TypeVar("Phrase", AssertionSpec, ExtractionSpec)


def read_step(fields: Fields) -> StepSpec:
    """All of a step but its name and deadline: a case has keys of those names."""
    method, _space, url = fields.text("request").strip().partition(" ")
    if not url:
        sentence = _("request must be a method and a URL, not “%(value)s”.")
        fields.refuse(sentence, value=method)
    return StepSpec(
        method=method,
        url=url.strip(),
        path_params=read_pairs(fields, "path_params"),
        params=read_pairs(fields, "params"),
        headers=read_pairs(fields, "headers"),
        cookies=read_pairs(fields, "cookies"),
        auth=read_auth(fields),
        body=read_body(fields),
        extractions=_extractions(fields),
        assertions=_assertions(fields),
        follow_redirects=fields.boolean("follow_redirects", True),
        max_redirects=fields.number("max_redirects", StepSpec().max_redirects),
    )


def _extractions(fields: Fields) -> tuple[ExtractionSpec, ...]:
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
                )
            )
    return tuple(found)


def _assertions(fields: Fields) -> tuple[AssertionSpec, ...]:
    """A list of phrases and AssertionSpec mappings."""
    found = []
    for number, value in enumerate(fields.list("assert"), start=1):
        if isinstance(value, dict):
            with Fields(value, f"{fields.place}, assertion {number}") as inner:
                found.append(
                    AssertionSpec(
                        source=inner.text("source"),
                        path=inner.text("path", ""),
                        comparator=inner.text("comparator", "equals"),
                        negated=inner.boolean("negated", False),
                        expected=inner.any("expected", None),
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
