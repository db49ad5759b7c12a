"""JSON Schema, drafts 4 to 2020-12: nothing is fetched, formats are checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from cases.engine.errors import CannotJudge
from cases.engine.filters.arguments import a
from cases.engine.schema_cost import levels_told
from cases.engine.values import cut, from_json, is_deep, place_in, to_json

DEEPEST = 200  # levels: the library follows them on the stack
MOST_VIOLATIONS = 50
_NOT_TOLD = "what does not conform in it would take too long to list"
_LIBRARY = "urn:testhub:library"


class Schema:
    """A compiled schema."""

    def __init__(self, validator: Any, schema: Any, others: Mapping[str, Any]) -> None:
        self._validator = validator
        self._schema = schema
        self._others = others  # by the URIs that it may refer to

    @cached_property
    def _levels_told(self) -> int:
        return levels_told(self._schema, self._others, DEEPEST)

    def violations(self, value: Any) -> list[str]:
        """A line for each, with its place; at most 50. `value` is not nested too deeply."""
        try:
            if self._validator.is_valid(value):
                return []
            if is_deep(value, self._levels_told):
                return [f"$: it is nested more than {self._levels_told} times; {_NOT_TOLD}"]
            return list(islice(self._lines(value), MOST_VIOLATIONS))
        except (ValueError, TypeError) as error:  # lone surrogates, numbers beyond all size
            raise CannotJudge(f"The JSON Schema cannot be checked: {_first(error)}.") from None

    def _lines(self, value: Any) -> Iterator[str]:
        for error in self._validator.iter_errors(value):
            yield f"{place_in(error.instance_path)}: {cut(error.message, 200)}"


class Library:
    """Schemas by their URIs, which others may refer to, from `base` if it is given."""

    def __init__(self, resources: dict[str, Any], base: str | None = None) -> None:
        """Raises CannotJudge for what cannot be referred to."""
        self.base = base
        self.resources = resources
        try:
            self.registry = jsonschema_rs.Registry(list(resources.items()))
        except (jsonschema_rs.ReferencingError, ValueError) as error:
            raise CannotJudge(f"The schemas cannot be read: {_first(error)}.") from None


def compile_schema(schema: Any, library: Library | None = None) -> Schema:
    """Raises CannotJudge for what is no JSON Schema. A text is read as JSON."""
    if isinstance(schema, str):
        try:
            schema = from_json(schema.encode("utf-8", "replace"))
        except (ValueError, RecursionError) as error:
            raise CannotJudge(f"The JSON Schema is not JSON ({error}).") from None
    if not isinstance(schema, (dict, bool)):
        raise CannotJudge(f"A JSON Schema is an object or a boolean, not {a(schema)}.")
    if is_deep(schema, DEEPEST):
        raise CannotJudge(f"The JSON Schema is nested more than {DEEPEST} times.")
    return _compiled(to_json(schema)) if library is None else _schema(schema, library)


@lru_cache(maxsize=512)
def _compiled(text: str) -> Schema:
    """By its text: one schema in a variable serves many cases."""
    return _schema(from_json(text.encode("utf-8", "surrogatepass")))


class SchemaLibrary:
    """A document with many schemas in it, read once for all of them."""

    def __init__(self, document: dict[str, Any], dialect: str) -> None:
        """Raises CannotJudge for what holds no schemas that can be referred to."""
        self._library = Library({_LIBRARY: document})
        self._dialect = dialect

    def schema(self, pointer: str) -> Schema:
        """The schema at a JSON pointer, `/a/b`. Raises CannotJudge."""
        place = f"{_LIBRARY}#{quote(pointer)}"
        return _schema({"$schema": self._dialect, "$ref": place}, self._library)


def _schema(schema: Any, library: Library | None = None) -> Schema:
    try:
        validator = jsonschema_rs.validator_for(
            schema,
            registry=None if library is None else library.registry,
            base_uri=None if library is None else library.base,
            validate_formats=True,
            offline=True,
            # Of the kind that takes time in proportion to the text, where it can.
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=1_000_000),
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise CannotJudge(f"The JSON Schema is not valid: {_first(error)}.") from None
    return Schema(validator, schema, {} if library is None else library.resources)


def _first(error: Exception) -> str:
    return cut(str(error).split("\n", 1)[0], 300).rstrip(".")
