"""How long an XPath may take on a document, estimated before it is asked.

A predicate is evaluated for every node in question; one that looks around in the document
(`[count(//b) > 5]`) makes the time grow with the square of its size, one within another
with the cube. libxml2 visits some 20 to 100 million nodes a second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from cases.engine.errors import CannotJudge

MOST_VISITS = 30_000_000

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_TOKEN = re.compile(
    r"(?P<open>\[)|(?P<close>\])"
    # A slash behind nothing begins at the root of the document.
    r"|(?P<everywhere>//|\b(?:following|preceding|descendant[\w-]*)\s*::|(?<![\w\])*@.])/)"
    r"|(?P<family>\.\.|\b(?:[\w-]+-sibling|parent|ancestor[\w-]*)\s*::)"
)


@dataclass(slots=True)
class _Looks:
    """How a path looks around: outside of predicates, and in the costliest nest of them."""

    outside: list[str] = field(default_factory=list)
    nest: list[str] = field(default_factory=list)
    n_inside: int = 0


def check_cost(path: str, root: Any) -> None:
    """Raises CannotJudge for a question that would take too long to answer."""
    looks = _looks(_QUOTED.sub("''", path))
    if not looks.nest and len(looks.outside) <= 1:
        return
    n_nodes, n_siblings, depth = _size(root)
    visits = n_nodes * max(1, looks.n_inside)
    for kind in looks.nest:
        visits *= n_nodes if kind == "everywhere" else n_siblings
    for kind in looks.outside[1:]:
        visits += n_nodes * (depth if kind == "//" else n_nodes)
    if visits > MOST_VISITS:
        raise CannotJudge(
            f"{path!r} would take too long on this document of {n_nodes} elements: it looks "
            "around in the document for every one of them."
        )


def _looks(path: str) -> _Looks:
    found = _Looks()
    nest: list[str] = []
    for match in _TOKEN.finditer(path):
        kind = match.lastgroup or ""
        if kind == "open":
            nest.append("")
        elif kind == "close":
            del nest[-1:]
        elif nest:
            found.n_inside += 1
            if nest[-1] != "everywhere":
                nest[-1] = kind
            found.nest = max(found.nest, [level for level in nest if level], key=_weight)
        elif kind == "everywhere" or match[0].endswith("sibling::"):
            found.outside.append(match[0])
    return found


def _weight(nest: list[str]) -> tuple[int, int]:
    return nest.count("everywhere"), len(nest)


def _size(root: Any) -> tuple[int, int, int]:
    """How many elements there are, how many siblings one has, how deep the deepest stands."""
    n_nodes, n_pairs, depth, deepest = 0, 0, 0, 1
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            n_nodes += 1
            depth += 1
            deepest = max(deepest, depth)
            n_pairs += len(element) ** 2
        else:
            depth -= 1
    return n_nodes, max(1, n_pairs // n_nodes), deepest
