"""A body that is too long to be copied: pieces that are sent one behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cases.engine.eraser import BODY_LIMIT


@dataclass(frozen=True, slots=True)
class LongBody:
    """Longer than what a record keeps. Threads that send one file share its bytes."""

    pieces: tuple[bytes, ...]

    def __len__(self) -> int:
        return sum(map(len, self.pieces))

    def __bytes__(self) -> bytes:
        return b"".join(self.pieces)

    def __getitem__(self, part: slice) -> bytes:
        """A copy of that part alone."""
        start, stop, _step = part.indices(len(self))
        found, begins = [], 0
        for piece in self.pieces:
            if begins < stop and begins + len(piece) > start:
                found.append(piece[max(0, start - begins) : stop - begins])
            begins += len(piece)
        return b"".join(found)


def assembled(pieces: Sequence[bytes]) -> bytes | LongBody:
    """The pieces as one body; a short one is plain bytes."""
    if sum(map(len, pieces)) <= BODY_LIMIT:
        return b"".join(pieces)
    return LongBody(tuple(pieces))
