"""How many threads of a crew are worth having under way.

All of them while cases wait for their targets. But Python runs one thread at a time: where
targets answer at once, those beyond two or three only take it away from each other, a dozen
times a case, because libcurl hands over an answer header by header. With twenty of them a
case costs a quarter more CPU.
"""

from __future__ import annotations

import time

FEWEST = 2
FIRST = 4
# How often the launching thread looks while work waits in line.
LOOK_S = 0.01
# It sleeps in between. Nobody is in its way if it gets up so little too late on average...
PUNCTUAL_S = 0.0005
# ... and so late, too many are: 0.1 ms for each.
CROWDED_S = 0.0015
# Of a core. Below this the process waits, for targets or for its turn on a full machine:
# who gets up late then says nothing of its own threads.
BUSY = 0.3
_WEIGHT = 0.25  # of the newest delay in the average


class Hiring:
    """Of one process; used by the thread that launches."""

    def __init__(self, size: int) -> None:
        self.n_useful = min(FIRST, size)
        self._size = size
        self._late_s = CROWDED_S
        self.begin()

    def begin(self) -> None:
        """Work begins: what the process did before is not looked at."""
        self._looked_at, self._cpu_s = time.monotonic(), time.process_time()

    def look(self, late_s: float) -> None:
        """Think about `n_useful` again, having got up so much too late."""
        began_at, cpu_s = self._looked_at, self._cpu_s
        self.begin()
        busy_s = BUSY * (self._looked_at - began_at)
        self._late_s += (min(late_s, 2 * CROWDED_S) - self._late_s) * _WEIGHT
        wanted = self.n_useful
        if self._cpu_s - cpu_s < busy_s:
            wanted *= 2
        elif self._late_s < PUNCTUAL_S:
            wanted += 1
        elif self._late_s > CROWDED_S:
            wanted -= 1
        self.n_useful = min(max(wanted, FEWEST), self._size)
