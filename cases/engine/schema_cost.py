"""How deep a document may be for what is wrong with it to be told.

jsonschema-rs answers yes or no in time, but lists what is wrong branch by branch: under a
schema that refers to itself in two branches, every level doubles the list. Sixteen levels
took 10 s, twenty some minutes and all memory; a hostile answer brings them for nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

_MOST = 50_000  # ways to fail, listed in about 0.2 s
_BRANCHES = ("anyOf", "oneOf", "allOf")
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


def levels_told(schema: Any, others: Mapping[str, Any], most: int) -> int:
    """The levels, at most `most`; `others` are the documents that it may refer to, by URI."""
    every = [schema, *others.values()]
    lists = (part.get(name) for part in _objects(every) for name in _BRANCHES)
    branches = max((len(found) for found in lists if isinstance(found, list)), default=1)
    if branches < 2 or not _refers_to_itself(schema, others):
        return most
    return min(most, int(math.log(_MOST, branches)))


def _refers_to_itself(schema: Any, others: Mapping[str, Any]) -> bool:
    """Whether following references may come back to a place."""
    named = {uri.rpartition("/")[2]: document for uri, document in others.items()}
    done: set[int] = set()
    under_way = {id(schema)}
    open_ = [(schema, _targets(schema, schema, named))]
    while open_:
        place, targets = open_[-1]
        target, document = next(targets, (None, None))
        if target is None:
            open_.pop()
            under_way.discard(id(place))
            done.add(id(place))
        elif id(target) in under_way:
            return True
        elif id(target) not in done:
            open_.append((target, _targets(target, document, named)))
            under_way.add(id(target))
    return False


def _targets(schema: Any, document: Any, named: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Where the references in a schema lead, and in which document that is."""
    for part in _objects(schema):
        for name in _REFERENCES:
            if isinstance(part.get(name), str):
                uri, _, pointer = part[name].partition("#")
                target = named.get(uri.rpartition("/")[2], document) if uri else document
                yield _at(pointer, target), target


def _at(pointer: str, document: Any) -> Any:
    """The whole of it where nobody can tell: rather told too little than not in time."""
    found = document
    for key in unquote(pointer).split("/")[1:]:
        key = key.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        elif isinstance(found, dict) and key in found:
            found = found[key]
        else:
            return document
    return found


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a schema, itself included."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
