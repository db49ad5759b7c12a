"""The table that `make proof` ends with: one row for each proof."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# Columns, and how wide each may become before it is continued on the next line.
HEADS = ("what was done", "how many", "what was seen", "verdict")
WIDTHS = (46, 26, 50, 7)


@dataclass(slots=True)
class Row:
    """What one proof did and saw. A proof notes its figures before it judges them, so
    that they are in the table too when it fails."""

    done: str
    many: str = ""
    seen: list[str] = field(default_factory=list)
    verdict: str = ""

    def cells(self) -> tuple[str, ...]:
        return (self.done, self.many, "; ".join(self.seen), self.verdict)


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """The table, line by line; no line ends in blanks."""
    yield _line(HEADS)
    yield _line(tuple("-" * width for width in WIDTHS))
    for row in rows:
        columns = [
            textwrap.wrap(cell, width) or [""]
            for cell, width in zip(row.cells(), WIDTHS, strict=True)
        ]
        for number in range(max(map(len, columns))):
            yield _line(tuple(c[number] if number < len(c) else "" for c in columns))


def _line(cells: tuple[str, ...]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    return "  ".join(padded).rstrip()
