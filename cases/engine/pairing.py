"""Which element of one list goes with which of another, when order does not count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from cases.engine.values import identity


def without_twins(
    actual: Sequence[Any], expected: Sequence[Any]
) -> tuple[list[int], list[int]]:
    """The indexes that are left when equal elements have gone in pairs."""
    theirs = Counter(map(identity, expected))
    ours = Counter(map(identity, actual))
    both = theirs & ours
    return _left_over(actual, both), _left_over(expected, both)


def _left_over(values: Sequence[Any], gone: Counter[Any]) -> list[int]:
    left, spent = [], Counter(gone)
    for index, value in enumerate(values):
        key = identity(value)
        if spent[key] > 0:
            spent[key] -= 1
        else:
            left.append(index)
    return left


def pairs(
    left: Sequence[int], right: Sequence[int], fits: Callable[[int, int], bool]
) -> dict[int, int]:
    """As many pairs as there can be: from the index on the right to the one on the left."""
    known = {(one, other): fits(one, other) for one in left for other in right}
    paired: dict[int, int] = {}

    def place(one: int, tried: set[int]) -> bool:
        for other in right:
            if known[one, other] and other not in tried:
                tried.add(other)
                if other not in paired or place(paired[other], tried):
                    paired[other] = one
                    return True
        return False

    for one in left:
        place(one, set())
    return paired
