"""JSON Schemas that are kept once, under a name: assertions and other schemas refer to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from cases.engine.errors import CannotJudge
from cases.engine.schema import Library, Schema, compile_schema
from cases.engine.spec import SchemaSpec
from cases.engine.values import from_json

# As OpenAPI names its components: it can stand in a `$ref` as it is.
NAME = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_BASE = "testhub:/"  # `$ref: Order` means testhub:/Order


class StoredSchemas:
    """The stored schemas that a case may name, compiled when first asked for."""

    def __init__(self, specs: tuple[SchemaSpec, ...] = ()) -> None:
        self._texts = {spec.name: spec.text for spec in specs}
        self._library: Library | None = None
        self._named: dict[str, Schema] = {}

    def compile(self, expected: Any) -> Schema:
        """What an assertion expects: the name of a schema, or a schema. Raises CannotJudge."""
        name = name_in(expected)
        if not name:
            return compile_schema(expected, self._loaded() if self._texts else None)
        if name not in self._texts:
            raise CannotJudge(f"There is no stored schema {name!r}.")
        if name not in self._named:
            self._named[name] = compile_schema({"$ref": f"{_BASE}{name}"}, self._loaded())
        return self._named[name]

    def check(self, name: str) -> None:
        """Raises CannotJudge for a schema of this name that could not be used."""
        schema = from_json(self._texts[name].encode())
        if isinstance(schema, str):
            raise CannotJudge("A JSON Schema is an object or a boolean, not a text.")
        compile_schema(schema, self._loaded())

    def _loaded(self) -> Library:
        if self._library is None:
            schemas = {name: from_json(text.encode()) for name, text in self._texts.items()}
            resources = {f"{_BASE}{name}": schema for name, schema in schemas.items()}
            try:
                self._library = Library(resources, base=_BASE)
            except CannotJudge:
                for name, schema in schemas.items():
                    for missing in sorted(set(references(schema)) - schemas.keys()):
                        raise CannotJudge(
                            f"There is no stored schema {missing!r}, which {name} refers to."
                        ) from None
                raise
        return self._library


NONE_STORED = StoredSchemas()


@lru_cache(maxsize=256)
def stored_schemas(specs: tuple[SchemaSpec, ...]) -> StoredSchemas:
    """One for all cases that name the same ones."""
    return StoredSchemas(specs)


def name_in(expected: Any) -> str:
    """The stored schema that an expected text names; empty if it is a schema itself."""
    if not isinstance(expected, str) or not NAME.fullmatch(name := expected.strip()):
        return ""
    return "" if name in ("true", "false") else name


def references(schema: Any) -> Iterator[str]:
    """The names of stored schemas that this one may refer to."""
    left = [schema]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            left += value.values()
            reference = value.get("$ref")
            if isinstance(reference, str):
                name = reference.partition("#")[0].removeprefix(_BASE)
                if NAME.fullmatch(name):
                    yield name
