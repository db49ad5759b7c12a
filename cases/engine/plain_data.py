"""The base of all specs: frozen data that is a JSON dictionary, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any, Self

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Base of every spec: a JSON dictionary and back."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Unknown keys are ignored, missing ones take their default."""
        return cls(**fields_in(cls, data))


def fields_in(cls: type[Spec], data: Mapping[str, Any]) -> dict[str, Any]:
    """Those entries of `data` that are fields of the class."""
    names = _names(cls)  # type: ignore[arg-type] # a class is hashable, whatever mypy says
    return {name: data[name] for name in names if name in data}


def pairs(value: Any) -> Pairs:
    """Read `[[name, value], ...]` as it stands in JSON."""
    return tuple((str(name), str(text)) for name, text in value or ())


def values_of(value: Any) -> tuple[tuple[str, Any], ...]:
    """`pairs`, of values that stay what they are."""
    return tuple((str(name), item) for name, item in value or ())


@cache
def _names(cls: type[Spec]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls))
