"""The body of a step in a project file: at most one of its keys says the kind."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from cases.engine.bodies import PART_KINDS
from cases.engine.spec import BodySpec, PartSpec
from cases.engine.values import as_text
from cases.importers.fields import Fields
from cases.importers.pairs import read_pairs

_BODIES = ("json", "form", "multipart", "raw", "binary", "attachment", "graphql", "body")


def read_body(fields: Fields) -> BodySpec:
    """`json:`, `form:` ... `graphql:`, or `body:`, which is a BodySpec."""
    present = [key for key in _BODIES if key in fields]
    if len(present) > 1:
        sentence = _("only one of %(keys)s can stand here.")
        fields.refuse(sentence, keys=", ".join(present))
    if "json" in fields:
        return BodySpec(kind="json", text=_json(fields.any("json")))
    if "form" in fields:
        return BodySpec(kind="form", fields=read_pairs(fields, "form"))
    if "multipart" in fields:
        return BodySpec(kind="multipart", parts=_parts(fields, "multipart"))
    if "graphql" in fields:
        return _graphql(fields)
    if "attachment" in fields:
        content_type = fields.text("content_type", "")
        name = fields.text("attachment")
        return BodySpec(kind="attachment", attachment=name, content_type=content_type)
    for kind in ("raw", "binary"):
        if kind in fields:
            content_type = fields.text("content_type", "")
            return BodySpec(kind=kind, text=fields.text(kind), content_type=content_type)
    with Fields(fields.mapping("body"), f"{fields.place}, body") as body:
        return BodySpec(
            kind=body.text("kind", "none"),
            text=body.text("text", ""),
            fields=read_pairs(body, "fields"),
            parts=_parts(body, "parts"),
            variables=body.text("variables", ""),
            attachment=body.text("attachment", ""),
            content_type=body.text("content_type", ""),
        )


def _graphql(fields: Fields) -> BodySpec:
    """The query, or `{query: ..., variables: {...}}`."""
    if isinstance(fields.any("graphql"), str):
        return BodySpec(kind="graphql", text=fields.text("graphql"))
    with Fields(fields.mapping("graphql"), f"{fields.place}, graphql") as graphql:
        variables = graphql.any("variables", None)
        return BodySpec(
            kind="graphql",
            text=graphql.text("query"),
            variables="" if variables is None else _json(variables),
        )


def _parts(fields: Fields, key: str) -> tuple[PartSpec, ...]:
    """`{name: text}`, or a list of `{name, KIND: value, filename, content_type}`."""
    written = fields.any(key, [])
    if isinstance(written, dict):
        pairs = read_pairs(fields, key)
        return tuple(PartSpec(name=name, value=value) for name, value in pairs)
    parts = []
    for number, value in enumerate(fields.list(key), start=1):
        with Fields(value, f"{fields.place}, part {number}") as part:
            kinds = [kind for kind in PART_KINDS if kind in part]
            if len(kinds) != 1:
                part.refuse(
                    _("exactly one of %(keys)s must stand here."), keys=", ".join(PART_KINDS)
                )
            parts.append(
                PartSpec(
                    name=part.text("name"),
                    kind=kinds[0],
                    value=as_text(part.any(kinds[0])),
                    filename=part.text("filename", ""),
                    content_type=part.text("content_type", ""),
                )
            )
    return tuple(parts)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
