"""Filters of lists, and those that texts and objects share with them."""

from __future__ import annotations

import math
from typing import Any

from cases.engine.filters.arguments import Filter, a, bounded, list_of, whole, words
from cases.engine.filters.numbers import number_of
from cases.engine.patterns import Nothing
from cases.engine.values import as_text, identity, is_number


def _count(value: Any) -> int:
    """How many elements a list has, members an object, characters a text, bytes a body."""
    if isinstance(value, (list, tuple, dict, str, bytes)):
        return len(value)
    raise ValueError(f"{a(value)} has nothing to count")


def _first(value: Any) -> Any:
    """The first element of a list."""
    return _nth(value, 0)


def _last(value: Any) -> Any:
    """The last element of a list."""
    return _nth(value, -1)


def _nth(value: Any, index: Any) -> Any:
    """One element of a list; 0 is the first, -1 the last."""
    items, at = list_of(value), whole(index, "The index of nth")
    if -len(items) <= at < len(items):
        return items[at]
    return Nothing(f"a list of {len(items)} has no element {at}")


def _slice(value: Any, start: Any, end: Any = None) -> Any:
    """A part of a list or a text, from start up to but without end."""
    part = slice(
        whole(start, "The start of slice"),
        None if end is None else whole(end, "The end of slice"),
    )
    return value[part] if isinstance(value, (str, bytes)) else list_of(value)[part]


def _join(value: Any, separator: Any = ", ") -> str:
    """One text of all elements, with a separator between them."""
    mark = words(separator, "The separator of join")
    pieces = [as_text(item) for item in list_of(value)]
    bounded(sum(map(len, pieces)) + len(mark) * len(pieces))
    return mark.join(pieces)


def _reverse(value: Any) -> Any:
    """The list or text from its end to its beginning."""
    return value[::-1] if isinstance(value, (str, bytes)) else list_of(value)[::-1]


def _sort(value: Any) -> list[Any]:
    """The list in order: numbers by size, or texts by their characters."""
    items = list_of(value)
    if all(map(is_number, items)) or all(isinstance(item, str) for item in items):
        return sorted(items)
    raise ValueError("a list has an order when it holds only numbers, or only texts")


def _unique(value: Any) -> list[Any]:
    """The list without elements that came before."""
    found: dict[Any, Any] = {}
    for item in list_of(value):
        found.setdefault(identity(item), item)
    return list(found.values())


def _flatten(value: Any) -> list[Any]:
    """The list with the elements of the lists in it, one level."""
    found: list[Any] = []
    for item in list_of(value):
        found += item if isinstance(item, (list, tuple)) else [item]
    return found


def _keys(value: Any) -> list[str]:
    """The names of the members of an object."""
    return list(_object(value))


def _values(value: Any) -> list[Any]:
    """The values of the members of an object."""
    return list(_object(value).values())


def _sum(value: Any) -> int | float:
    """The sum of a list of numbers."""
    numbers = [number_of(item) for item in list_of(value)]
    return sum(numbers) if all(isinstance(n, int) for n in numbers) else math.fsum(numbers)


def _min(value: Any) -> Any:
    """The smallest of a list of numbers, or of texts."""
    return _nth(_sort(value), 0)


def _max(value: Any) -> Any:
    """The largest of a list of numbers, or of texts."""
    return _nth(_sort(value), -1)


def _map(value: Any, member: Any) -> list[Any]:
    """A list of one member of every object in a list; objects without it are left out."""
    name = words(member, "The member that map takes")
    items = list_of(value)
    if not all(isinstance(item, dict) for item in items):
        raise ValueError("map needs a list of objects")
    return [item[name] for item in items if name in item]


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise ValueError(f"{a(value)} is not an object")


LISTS: dict[str, Filter] = {
    "count": _count,
    "first": _first,
    "last": _last,
    "nth": _nth,
    "slice": _slice,
    "join": _join,
    "reverse": _reverse,
    "sort": _sort,
    "unique": _unique,
    "flatten": _flatten,
    "map": _map,
    "keys": _keys,
    "values": _values,
    "sum": _sum,
    "min": _min,
    "max": _max,
}
