"""The schemas of an OpenAPI document as JSON Schemas of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DRAFT_4 = "http://json-schema.org/draft-04/schema#"
_DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema"


def dialect_of(document: Mapping[str, Any]) -> str:
    """Schemas since 3.1 are JSON Schemas; before, they are of draft 4 but for `nullable`."""
    version = str(document.get("openapi") or document.get("swagger") or "")
    return _DRAFT_4 if version.startswith(("2.", "3.0")) else _DRAFT_2020


def as_json_schemas(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which every schema can be read where it stands.

    What is only ever sent to the target is not asked of its answer.
    """
    nullable = dialect_of(document) == _DRAFT_4
    return {
        **{name: _converted(part, nullable=nullable) for name, part in document.items()},
        "$schema": dialect_of(document),
    }


def _converted(value: Any, *, nullable: bool) -> Any:
    if isinstance(value, list):
        return [_converted(item, nullable=nullable) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: _converted(item, nullable=nullable) for name, item in value.items()}
    if nullable and (found.get("nullable") is True or found.get("x-nullable") is True):
        _allow_null(found)
    if isinstance(found.get("properties"), dict) and isinstance(found.get("required"), list):
        _forget_what_is_written_only(found)
    return found


def _allow_null(schema: dict[str, Any]) -> None:
    """`nullable` means something beside a `type` only (OpenAPI 3.0.3)."""
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]


def _forget_what_is_written_only(schema: dict[str, Any]) -> None:
    hidden = {
        name
        for name, inner in schema["properties"].items()
        if isinstance(inner, dict) and inner.get("writeOnly") is True
    }
    required = [
        name for name in schema["required"] if not (isinstance(name, str) and name in hidden)
    ]
    if required:
        schema["required"] = required
    else:
        del schema["required"]  # draft 4 takes no empty list
