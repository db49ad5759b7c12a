"""The auth of a step or a module read once: a known scheme with known fields."""

from __future__ import annotations

from collections.abc import Mapping

from cases.engine.auth.kinds import AUTH_KINDS, AuthField, AuthKind
from cases.engine.compiled import Text
from cases.engine.errors import BadSpec
from cases.engine.spec import AuthSpec
from cases.engine.texts import compile_text, unknown


def compile_auth(spec: AuthSpec, place: str) -> tuple[AuthKind | None, Mapping[str, Text]]:
    """The scheme with all its fields, or None if nothing is to be sent. Raises BadSpec."""
    if spec.kind not in AUTH_KINDS:
        raise BadSpec(unknown("auth kind", spec.kind, AUTH_KINDS))
    kind = AUTH_KINDS[spec.kind]
    written = dict(spec.values)
    fields = {field.name: field for field in kind.fields}
    for name in written:
        if name not in fields:
            raise BadSpec(unknown(f"field of auth {spec.kind}", name, fields))
    values = {name: written.get(name, field.default) for name, field in fields.items()}
    for name, value in values.items():
        _check(fields[name], value)
    if kind.check is not None:
        # What placeholders will bring is not known yet.
        kind.check({n: fields[n].default if "{{" in v else v for n, v in values.items()})
    texts = {n: compile_text(v, f"the auth {n}{place}") for n, v in values.items()}
    return (kind if fields else None), texts


def _check(field: AuthField, value: str) -> None:
    if field.choices and value not in field.choices:
        raise BadSpec(unknown(f"auth {field.name}", value, field.choices))
    if field.is_needed and not value.strip():
        raise BadSpec(f"The auth {field.name} is empty.")
