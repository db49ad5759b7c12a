"""One step of a project file: `request: POST /orders` and its company -> StepSpec."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from django.utils.translation import gettext as _

from cases.engine.spec import (
    AssertionSpec,
    AuthSpec,
    BodySpec,
    ExtractionSpec,
    Pairs,
    StepSpec,
)
from cases.engine.values import as_text
from cases.importers import phrases
from cases.importers.fields import Fields

Phrase = TypeVar("Phrase", AssertionSpec, ExtractionSpec)

_BODIES = ("json", "form", "raw", "body")


def read_step(fields: Fields) -> StepSpec:
    """All of a step but its name and deadline: a case has keys of those names."""
    method, _space, url = fields.text("request").strip().partition(" ")
    if not url:
        sentence = _("request must be a method and a URL, not “%(value)s”.")
        fields.refuse(sentence, value=method)
    return StepSpec(
        method=method,
        url=url.strip(),
        params=read_pairs(fields, "params"),
        headers=read_pairs(fields, "headers"),
        auth=_auth(fields),
        body=_body(fields),
        extractions=_extractions(fields),
        assertions=_assertions(fields),
        follow_redirects=fields.boolean("follow_redirects", True),
        max_redirects=fields.number("max_redirects", StepSpec().max_redirects),
    )


def read_pairs(fields: Fields, key: str) -> Pairs:
    """A mapping, or a list of pairs where a name stands twice or order is the point."""
    written = fields.any(key, {})
    pairs = list(written.items()) if isinstance(written, dict) else written
    if not isinstance(pairs, list) or not all(
        isinstance(pair, (list, tuple))
        and len(pair) == 2
        and not any(isinstance(part, (list, dict)) for part in pair)
        for pair in pairs
    ):
        sentence = _("%(key)s must be a mapping of texts, or a list of [name, value].")
        fields.refuse(sentence, key=key)
    return tuple(
        (as_text(name), "" if value is None else as_text(value)) for name, value in pairs
    )


def _auth(fields: Fields) -> AuthSpec:
    """`{basic: [user, password]}`, `{bearer: token}` or an AuthSpec."""
    with Fields(fields.mapping("auth"), f"{fields.place}, auth") as auth:
        if "bearer" in auth:
            return AuthSpec(kind="bearer", token=auth.text("bearer"))
        if "basic" in auth:
            pair = auth.texts("basic")
            if len(pair) != 2:
                auth.refuse(_("basic must be [user name, password]."))
            return AuthSpec(kind="basic", username=pair[0], password=pair[1])
        return AuthSpec(
            kind=auth.text("kind", "none"),
            username=auth.text("username", ""),
            password=auth.text("password", ""),
            token=auth.text("token", ""),
        )


def _body(fields: Fields) -> BodySpec:
    """At most one of `json:`, `form:`, `raw:` and `body:` (a BodySpec)."""
    present = [key for key in _BODIES if key in fields]
    if len(present) > 1:
        sentence = _("only one of %(keys)s can stand here.")
        fields.refuse(sentence, keys=", ".join(present))
    if "json" in fields:
        text = json.dumps(fields.any("json"), ensure_ascii=False, indent=2)
        return BodySpec(kind="json", text=text)
    if "form" in fields:
        return BodySpec(kind="form", fields=read_pairs(fields, "form"))
    if "raw" in fields:
        return BodySpec(
            kind="raw",
            text=fields.text("raw"),
            content_type=fields.text("content_type", ""),
        )
    with Fields(fields.mapping("body"), f"{fields.place}, body") as body:
        return BodySpec(
            kind=body.text("kind", "none"),
            text=body.text("text", ""),
            fields=read_pairs(body, "fields"),
            content_type=body.text("content_type", ""),
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
