"""The table of comparators: what must hold between an actual and an expected value.

All are strict about types: 200 is not "200", true is not 1. A comparator answers True
or False; it raises CannotCompare when the answer is of a type that it does not know
(the assertion fails, negated or not) and CannotJudge when the expected value makes no
sense (the assertion is an error: the test is at fault).
"""

from __future__ import annotations

from cases.engine.comparators.base import CannotCompare, Comparator
from cases.engine.comparators.content import CONTENT
from cases.engine.comparators.equality import EQUALITY
from cases.engine.comparators.kinds import KINDS
from cases.engine.comparators.order import ORDER
from cases.engine.comparators.shape import SHAPE

__all__ = ["COMPARATORS", "CannotCompare", "Comparator"]

COMPARATORS: dict[str, Comparator] = {**EQUALITY, **CONTENT, **ORDER, **KINDS, **SHAPE}
