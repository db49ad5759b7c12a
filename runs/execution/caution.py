"""A chunk that workers die of: which of its cases kills them?

`Chunk.attempts` counts the claims since the chunk last moved. A worker that dies of
something else leaves results behind, sooner or later, and the count stays low. Where two
claims in a row recorded nothing, the next ones run one case at a time and record each at
once; so when the last of them dies as well, the first case without a result is the killer.
"""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Least

from runs.models import Chunk

# So many workers may die in a row before a case is given up...
MAX_ATTEMPTS = 5
# ... and so many of them before its chunk is run one case at a time.
TRUSTED = 2


def is_suspect(chunk: Chunk) -> bool:
    """Whether this claim should run one case at a time."""
    return chunk.attempts > TRUSTED


def moved() -> Least:
    """`attempts` after something was recorded: not what kills, but still as suspect."""
    return Least(F("attempts"), TRUSTED)


def n_killers(chunk: Chunk, n_open: int) -> int:
    """How many of a lost chunk's open cases, from the first, nobody should try again.

    All of them if the case behind a killer kills too, lest each costs five workers; and if
    none may be sent twice.
    """
    alone = chunk.attempts == MAX_ATTEMPTS and not chunk.run.never_send_twice
    return 1 if alone else n_open
