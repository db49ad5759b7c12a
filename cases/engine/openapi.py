"""An answer against its contract: an OpenAPI document, 2.0 to 3.1.

The operation is found by method and path, the response by status and media type; what
remains is a JSON Schema inside the document. Nothing is fetched: `$ref` leads to places in
the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from cases.engine.errors import CannotJudge
from cases.engine.filters.arguments import a
from cases.engine.openapi_schemas import as_json_schemas, dialect_of
from cases.engine.patterns import search
from cases.engine.schema import DEEPEST, Schema, SchemaLibrary
from cases.engine.values import from_json, is_deep, shown, to_json

_PARAMETER = re.compile(r"\{[^{}/]+\}")
_HOPS = 20  # references that lead to references


class Contract:
    """A document whose operations are looked up."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._bases = sorted(_bases(document), key=len, reverse=True)
        self._library = SchemaLibrary(as_json_schemas(document), dialect_of(document))
        self._schemas: dict[str, Schema] = {}
        # /orders/new before /orders/{id}: what is written out wins.
        templates: list[str] = sorted(
            document["paths"], key=lambda path: len(_PARAMETER.findall(path))
        )
        self._paths = [(_pattern(path), path) for path in templates]

    def violations(self, exchange: Mapping[str, Any]) -> list[str]:
        """What the document did not promise: a line for each, with its place."""
        method, asked = exchange["method"], _path_of(exchange["url"])
        path = self._path(asked)
        if path is None:
            return [f"$.url: the document has no path for {asked}"]
        item, place = self._followed(f"/paths/{_escaped(path)}")
        if method.lower() not in item:
            return [f"$.method: the document has no {method} of {path}"]
        return self._of_operation(f"{place}/{method.lower()}", f"{method} {path}", exchange)

    def _of_operation(self, place: str, name: str, exchange: Mapping[str, Any]) -> list[str]:
        responses, place = self._followed(f"{place}/responses")
        key = _status_key(responses, exchange["status"])
        if key is None:
            return [f"$.status: {name} does not promise {exchange['status']}"]
        response, place = self._followed(f"{place}/{key}")
        if response.get("content"):
            content, place = self._followed(f"{place}/content")
            media = _media_key(content, exchange["content_type"])
            if media is None:
                told = exchange["content_type"] or "an answer without one"
                return [f"$.content_type: {name} does not promise {told} with status {key}"]
            if not _is_json(exchange["content_type"]):
                return []
            response, place = self._followed(f"{place}/{_escaped(media)}")
        if "schema" not in response:
            return []
        lines = self._schema(f"{place}/schema").violations(exchange.get("body"))
        return [line.replace("$", "$.body", 1) for line in lines]

    def _schema(self, place: str) -> Schema:
        if place not in self._schemas:
            self._schemas[place] = self._library.schema(place)
        return self._schemas[place]

    def _path(self, path: str) -> str | None:
        """The template that a path is of, with the server's own path before it or without."""
        for base in (*self._bases, ""):
            if path.startswith(base):
                rest = path[len(base) :] or "/"
                for pattern, template in self._paths:
                    if search(pattern, rest):
                        return template
        return None

    def _followed(self, place: str) -> tuple[Mapping[str, Any], str]:
        """The object at a place, or where its references lead. Raises CannotJudge."""
        for _ in range(_HOPS):
            found: Any = self._document
            for key in place.split("/")[1:]:
                key = key.replace("~1", "/").replace("~0", "~")
                if not isinstance(found, dict) or key not in found:
                    raise CannotJudge(f"The OpenAPI document has nothing at {place}.")
                found = found[key]
            if not isinstance(found, dict):
                raise CannotJudge(f"The OpenAPI document has {a(found)} at {place}.")
            if "$ref" not in found:
                return found, place
            place = _pointer(found["$ref"])
        raise CannotJudge(f"The references of the OpenAPI document at {place} never end.")


def compile_contract(document: Any) -> Contract:
    """Raises CannotJudge for what is no OpenAPI document. A text is read as JSON."""
    text = document if isinstance(document, str) else to_json(document)
    return _compiled(text)


@lru_cache(maxsize=32)
def _compiled(text: str) -> Contract:
    try:
        document = from_json(text.encode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise CannotJudge(f"The OpenAPI document is not JSON ({error}).") from None
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise CannotJudge("An OpenAPI document is an object with paths.")
    if is_deep(document, DEEPEST):
        raise CannotJudge(f"The OpenAPI document is nested more than {DEEPEST} times.")
    return Contract(document)


def _bases(document: Mapping[str, Any]) -> Iterator[str]:
    """The paths that servers put before all others, without a slash at the end."""
    yield str(document.get("basePath") or "").rstrip("/")
    servers = document.get("servers")
    for server in servers if isinstance(servers, list) else ():
        try:
            url = str(server["url"])
            for name, variable in server.get("variables", {}).items():
                url = url.replace(f"{{{name}}}", str(variable["default"]))
            yield urlsplit(url).path.rstrip("/")
        except (TypeError, KeyError, AttributeError, ValueError):
            raise CannotJudge(f"The OpenAPI document has {a(server)} as a server.") from None


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        raise CannotJudge(f"{shown(url)} is not a URL.") from None


def _pattern(template: str) -> str:
    literals = _PARAMETER.split(template)
    return rf"\A{'[^/]+'.join(map(re.escape, literals))}\Z"


def _pointer(reference: Any) -> str:
    """Of `#/components/responses/Gone`: where that is. Raises CannotJudge."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise CannotJudge(f"{shown(reference)} leads out of the OpenAPI document.")
    return unquote(reference[1:])


def _escaped(key: str) -> str:
    """As one step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _status_key(responses: Mapping[str, Any], status: int) -> str | None:
    for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
        if key in responses:
            return key
    return None


def _media_key(content: Mapping[str, Any], content_type: str) -> str | None:
    """The narrowest of the promised media types that this one is."""
    media = content_type.partition(";")[0].strip().lower()
    names = {name.partition(";")[0].strip().lower(): name for name in content}
    for key in (media, f"{media.partition('/')[0]}/*", "*/*"):
        if key in names:
            return names[key]
    return None


def _is_json(content_type: str) -> bool:
    media = content_type.partition(";")[0].strip().lower()
    return media.endswith(("/json", "+json"))
