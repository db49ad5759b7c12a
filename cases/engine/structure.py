"""A whole document compared with a pattern of itself.

    {"id": "#uuid", "name": "Ann", "tags": ["a", "#text"], "note": "##text"}

Options stand around the pattern:

    {"#like": {...}, "#ignore": ["$.id", "$..updated_at"], "#tolerance": 0.01,
     "#any_order": true, "#extra": true}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cases.engine.difference import (
    MOST_LINES,
    Path,
    brief,
    instead,
    missing,
    surplus,
)
from cases.engine.errors import CannotJudge
from cases.engine.jsonpaths import find_places
from cases.engine.pairing import pairs, without_twins
from cases.engine.placeholders import LITERAL, Placeholder, read_placeholder
from cases.engine.values import is_number, place_in, same, shown
from cases.engine.variables import Variables

LIKE, EACH = "#like", "#each"
OPTIONS = ("#ignore", "#tolerance", "#any_order", "#extra")
MOST_COMPARED = 1_000_000  # values; some seconds
MOST_PAIRED = 300  # elements of a list in any order: each is tried with each


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A pattern that was read, with its options."""

    pattern: Any
    ignored: tuple[str, ...] = ()
    tolerance: float = 0
    any_order: bool | tuple[str, ...] = False
    extra: bool = False

    def differences(self, actual: Any) -> list[str]:
        """At most 50 lines; none when it fits. Raises CannotJudge."""
        comparison = _Comparison(self, actual)
        return list(islice(comparison.walk(actual, self.pattern, (), ()), MOST_LINES))


def compile_structure(expected: Any) -> Structure:
    """Raises CannotJudge for placeholders and options that do not exist."""
    if not isinstance(expected, dict) or LIKE not in expected:
        _check(expected)
        return Structure(pattern=expected)
    unknown = [name for name in expected if name not in (LIKE, *OPTIONS)]
    if unknown:
        known = ", ".join(OPTIONS)
        raise CannotJudge(f"A structure has no option {unknown[0]}; known are {known}.")
    _check(expected[LIKE])
    tolerance, extra = expected.get("#tolerance", 0), expected.get("#extra", False)
    any_order = expected.get("#any_order", False)
    if not is_number(tolerance) or tolerance < 0:
        raise CannotJudge(f"#tolerance is a number of at least 0, not {shown(tolerance, 60)}.")
    if not isinstance(extra, bool):
        raise CannotJudge(f"#extra is true or false, not {shown(extra, 60)}.")
    return Structure(
        pattern=expected[LIKE],
        ignored=_paths(expected.get("#ignore", []), "#ignore"),
        tolerance=tolerance,
        any_order=any_order if isinstance(any_order, bool) else _paths(any_order, "#any_order"),
        extra=extra,
    )


def fill(expected: Any, variables: Variables, place: str) -> Any:
    """Values for the {{name}} in a pattern; they stand for themselves, whatever they hold.

    Only a variable that is all there is may hold a pattern: then it is kept in one place
    for many cases. Raises CannotRender.
    """
    if isinstance(expected, str):
        return variables.render(expected, place)
    if isinstance(expected, dict):
        return {
            variables.render(name, place): _fill(value, variables, place)
            for name, value in expected.items()
        }
    return _fill(expected, variables, place)


def _fill(pattern: Any, variables: Variables, place: str) -> Any:
    if isinstance(pattern, str):
        value = variables.render(pattern, place)
        # `#regex {{pattern}}` was written to be one.
        return value if "{{" not in pattern or pattern.startswith("#") else _quoted(value)
    if isinstance(pattern, (list, tuple)):
        return [_fill(item, variables, place) for item in pattern]
    return fill(pattern, variables, place) if isinstance(pattern, dict) else pattern


def _quoted(value: Any) -> Any:
    if isinstance(value, str):
        return f"{LITERAL}{value}" if value.startswith("#") else value
    if isinstance(value, dict):
        return {name: _quoted(item) for name, item in value.items()}
    return [_quoted(item) for item in value] if isinstance(value, (list, tuple)) else value


def _paths(value: Any, option: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(path, str) for path in value):
        raise CannotJudge(f"{option} is a list of JSONPaths, not {shown(value, 60)}.")
    for path in value:
        find_places(path, None)  # raises for what is no path
    return tuple(value)


def _check(pattern: Any) -> None:
    if isinstance(pattern, str):
        read_placeholder(pattern)
    elif isinstance(pattern, dict):
        for value in pattern.values():
            _check(value)
    elif isinstance(pattern, (list, tuple)):
        for value in pattern:
            _check(value)


class _Comparison:
    """A document beside a pattern; in lists of any order each has a path of its own."""

    def __init__(self, structure: Structure, actual: Any) -> None:
        self._structure = structure
        self._n_compared = 0
        pattern = structure.pattern
        self._ignored = _places(structure.ignored, actual), _places(structure.ignored, pattern)
        any_order = structure.any_order
        paths = () if isinstance(any_order, bool) else any_order
        self._any_order = _places(paths, actual), _places(paths, pattern)

    def walk(self, actual: Any, expected: Any, path: Path, wanted: Path) -> Iterator[str]:
        """A line for each difference; `path` is in the document, `wanted` in the pattern."""
        self._n_compared += 1
        if self._n_compared > MOST_COMPARED:
            raise CannotJudge(f"More than {MOST_COMPARED} values had to be compared.")
        if path in self._ignored[0] or wanted in self._ignored[1]:
            return
        placeholder = read_placeholder(expected) if isinstance(expected, str) else None
        if placeholder is not None:
            if not placeholder.matches(actual):
                yield _unfit(path, actual, placeholder)
        elif isinstance(expected, dict) and expected.keys() == {EACH}:
            yield from self._each(actual, expected[EACH], path, wanted)
        elif isinstance(actual, dict) and isinstance(expected, dict):
            yield from self._object(actual, expected, path, wanted)
        elif isinstance(actual, (list, tuple)) and isinstance(expected, (list, tuple)):
            in_any_order = self._structure.any_order is True or (
                path in self._any_order[0] or wanted in self._any_order[1]
            )
            compare = self._set if in_any_order else self._list
            yield from compare(actual, expected, path, wanted)
        elif not self._equal(actual, _literal(expected)):
            yield instead(path, actual, _literal(expected))

    def _equal(self, actual: Any, expected: Any) -> bool:
        if same(actual, expected):
            return True
        return (
            is_number(actual)
            and is_number(expected)
            and abs(actual - expected) <= self._structure.tolerance
        )

    def _each(self, actual: Any, pattern: Any, path: Path, wanted: Path) -> Iterator[str]:
        if not isinstance(actual, (list, tuple)):
            yield f"{place_in(path)}: {brief(actual)} is not a list"
            return
        for index, item in enumerate(actual):
            yield from self.walk(item, pattern, (*path, index), (*wanted, EACH))

    def _object(
        self, actual: dict[str, Any], expected: dict[str, Any], path: Path, wanted: Path
    ) -> Iterator[str]:
        for name, pattern in expected.items():
            if name in actual:
                yield from self.walk(actual[name], pattern, (*path, name), (*wanted, name))
            elif not self._may_miss((*wanted, name), pattern):
                yield missing((*path, name), pattern)
        if self._structure.extra:
            return
        for name, value in actual.items():
            if name not in expected and (*path, name) not in self._ignored[0]:
                yield surplus((*path, name), value)

    def _may_miss(self, wanted: Path, pattern: Any) -> bool:
        placeholder = read_placeholder(pattern) if isinstance(pattern, str) else None
        return wanted in self._ignored[1] or (
            placeholder is not None and placeholder.may_be_missing
        )

    def _list(
        self, actual: Sequence[Any], expected: Sequence[Any], path: Path, wanted: Path
    ) -> Iterator[str]:
        for index, (value, pattern) in enumerate(zip(actual, expected, strict=False)):
            yield from self.walk(value, pattern, (*path, index), (*wanted, index))
        for index in range(len(actual), len(expected)):
            if not self._may_miss((*wanted, index), expected[index]):
                yield missing((*path, index), expected[index])
        for index in range(len(expected), len(actual)):
            if (*path, index) not in self._ignored[0]:
                yield surplus((*path, index), actual[index])

    def _set(
        self, actual: Sequence[Any], expected: Sequence[Any], path: Path, wanted: Path
    ) -> Iterator[str]:
        left, right = list(range(len(actual))), list(range(len(expected)))
        if not self._structure.tolerance and not self._structure.ignored:
            left, right = without_twins(actual, expected)
        if max(len(left), len(right)) > MOST_PAIRED:
            raise CannotJudge(
                f"{place_in(path)} cannot be compared in any order: more than {MOST_PAIRED} "
                "elements differ."
            )

        def fits(one: int, other: int) -> bool:
            lines = self.walk(actual[one], expected[other], (*path, one), (*wanted, other))
            return next(lines, None) is None

        paired = pairs(left, right, fits)
        for index in right:
            if index not in paired and not self._may_miss((*wanted, index), expected[index]):
                yield f"{place_in(path)}: no element is {brief(expected[index])}"
        taken = set(paired.values())
        for index in left:
            if index not in taken and (*path, index) not in self._ignored[0]:
                yield surplus((*path, index), actual[index])


def _unfit(path: Path, actual: Any, placeholder: Placeholder) -> str:
    return f"{place_in(path)}: {brief(actual)} is not {placeholder.text}"


def _literal(expected: Any) -> Any:
    if isinstance(expected, str) and expected.startswith(LITERAL):
        return expected.removeprefix(LITERAL)
    return expected


def _places(paths: Sequence[str], document: Any) -> frozenset[Path]:
    return frozenset(place for path in paths for place in find_places(path, document))
