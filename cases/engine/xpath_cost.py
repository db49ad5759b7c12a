"""How long an XPath may take on a document, estimated before it is asked.

A predicate is evaluated for every node in question; one that looks around in the document
(`[count(//b) > 5]`) makes the time grow with the square of its size, one within another
with the cube. Outside of predicates, steps whose nodes libxml2 has to tell apart from those
it has already (`//a//b[2]`, `//a/following-sibling::a`) do the same: measured, the latter took
98 s for 5,000 siblings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lxml import etree

from cases.engine.errors import CannotJudge

MOST_VISITS = 30_000_000  # each takes some 10 to 50 ns

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_TOKEN = re.compile(
    r"(?P<open>\[)|(?P<close>\])"
    # A slash behind nothing begins at the root of the document.
    r"|(?P<below>//|\bdescendant[\w-]*\s*::|(?<![\w\])*@.])/)"
    r"|(?P<beside>\b(?:following|preceding)(?:-sibling)?\s*::)"
    r"|(?P<above>\.\.|\b(?:parent|ancestor[\w-]*)\s*::)"
    r"|(?P<apart>\band\b|\bor\b|[=<>+,|(])"
)
# The next step has no predicate: libxml2 walks it in one go.
_PLAIN_STEP = re.compile(r"\s*[\w.:*-]+\s*(?:/(?!/)|\)|\||$)")
_NEXT_ONE = re.compile(r"\s*[\w.:*-]+\s*\[\s*1\s*\]")


class Growth(NamedTuple):
    """By how much a path multiplies the visits: so many times all nodes, all siblings."""

    nodes: int = 0
    siblings: int = 0

    def plus(self, nodes: int, siblings: int) -> Growth:
        return Growth(self.nodes + nodes, self.siblings + siblings)


@dataclass(slots=True)
class _Frame:
    """A path, or the paths of one predicate."""

    current: Growth = Growth()
    found: set[Growth] = field(default_factory=set)
    n_below: int = 0

    def grow(self, nodes: int, siblings: int) -> None:
        self.current = self.current.plus(nodes, siblings)
        self.found.add(self.current)

    def part(self) -> None:
        """Another path begins, walked beside the one before, not for each of its nodes."""
        self.current, self.n_below = Growth(), 0


def check_cost(path: str, root: Any) -> None:
    """Raises CannotJudge for a question that would take too long to answer."""
    growths, n_looks = _growths(_QUOTED.sub("''", path))
    if not growths:
        return
    n_nodes, n_siblings = _size(root)
    visits = max(n_nodes * n_nodes**one.nodes * n_siblings**one.siblings for one in growths)
    if visits * n_looks > MOST_VISITS:
        raise CannotJudge(
            f"{path!r} would take too long on this document of {n_nodes} elements: it looks "
            "around in the document for every one of them."
        )


def _growths(path: str) -> tuple[set[Growth], int]:
    """Of every path in it, and how often they look around."""
    frames, n_looks = [_Frame()], 0
    for match in _TOKEN.finditer(path):
        kind, frame = match.lastgroup, frames[-1]
        if kind == "open":
            frames.append(_Frame())
        elif kind == "close":
            if len(frames) > 1:
                inner = frames.pop()
                frames[-1].found |= {frames[-1].current.plus(*one) for one in inner.found}
        elif kind == "apart":
            frame.part()
        else:
            nodes, siblings = _step(kind or "", match, len(frames) > 1, frame)
            if nodes or siblings:
                n_looks += 1
                frame.grow(nodes, siblings)
    return frames[0].found, max(1, n_looks)


def _step(
    kind: str, match: re.Match[str], in_predicate: bool, frame: _Frame
) -> tuple[int, int]:
    """By how much one step multiplies."""
    if kind == "below":
        frame.n_below += 1
        if in_predicate:
            return 1, 0
        quick = frame.n_below == 1 or _PLAIN_STEP.match(match.string, match.end())
        return (0, 0) if quick else (1, 0)
    if kind == "above":
        return (0, 1) if in_predicate else (0, 0)
    if "sibling" not in match[0]:
        return (1, 0) if in_predicate else (2, 0)
    if in_predicate or _NEXT_ONE.match(match.string, match.end()):
        return 0, 1
    return 0, 2


def _size(root: Any) -> tuple[int, int]:
    """How many elements there are, and how many siblings one has on average."""
    n_nodes = n_pairs = 0
    for element in root.iter(etree.Element):
        n_nodes += 1
        n_pairs += len(element) ** 2
    return n_nodes, max(1, n_pairs // max(1, n_nodes))
