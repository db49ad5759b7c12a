"""When a cluster has stopped working although its processes are there.

docs/explanation/execution.md has the table of what is detected and in what time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from django.conf import settings

from runs.processes import ZOMBIE, below
from runs.signs import CLOCK, Seen, Signs

# An idle worker takes what waits within milliseconds; a sentinel buries the dead, and
# replaces them, twice a second.
PATIENCE_S = 5.0
# A pusher may wait 60 s for its database, and rests for 10 s after an error.
SILENCE_S = 90.0
# The clock's round: some questions to a database that may be away.
CLOCK_S = 300.0
# Who was not there to look, because the machine slept or was overloaded, judges nobody
# by the time that passed meanwhile.
ABSENT_S = 3.0


def why_hung(seen: Seen) -> str:
    """Why a cluster that left these signs works no more; empty when it is well.

    A worker may be busy for as long as django-q2 lets it: only what waits beside an idle
    one is suspicious.
    """
    idle_s = max(seen.idle_s, default=0.0)
    if min(seen.waiting_s or 0.0, idle_s) > PATIENCE_S:
        return f"a task has been waiting for {seen.waiting_s:.0f} s beside an idle worker"
    # The monitor may be waiting for a database: not longer than any chunk would.
    if (seen.unconfirmed_s or 0.0) > max(PATIENCE_S, settings.LEASE_S):
        return f"no result has been collected for {seen.unconfirmed_s:.0f} s"
    if (seen.sent_s or 0.0) > SILENCE_S and (idle_s > SILENCE_S or not seen.busy_s):
        return f"nothing has been taken from the queue for {seen.sent_s:.0f} s"
    busy_s = max(seen.busy_s, default=0.0)
    # django-q2 ends a task after its timeout, at the latest three of its seconds later,
    # which are longer than ours on a busy machine.
    if busy_s > 2 * settings.Q_CLUSTER["timeout"]:
        return f"a task has been running for {busy_s:.0f} s"
    return ""


@dataclass(slots=True)
class Detector:
    """Looks at one cluster again and again, on behalf of its keeper."""

    signs: Signs
    _seen_whole: int = 0
    _told_to_end: bool = False
    _lost_since: dict[str, float] = field(default_factory=dict)
    _looked_at: float = field(default_factory=time.time)
    _present_since: float = field(default_factory=time.time)

    def told_to_end(self) -> None:
        """From now on a main process without others does not start any: it hangs, also
        when nobody looked while they lived."""
        self._told_to_end = True

    def cluster(self, pid: int) -> str:
        """Why the cluster with this main process hangs; empty when it is well."""
        is_judge = self._was_present()
        self.signs.forget_the_dead()
        why = self._why_incomplete(pid) or why_hung(self.signs.read())
        return why if is_judge else ""

    def clock(self, _pid: int) -> str:
        """Why the clock hangs; empty when it is well."""
        age = self.signs.age(CLOCK) or 0.0
        if age > CLOCK_S and self._was_present():
            return f"it has not come round for {age:.0f} s"
        return ""

    def _why_incomplete(self, pid: int) -> str:
        """A sentinel replaces its dead, and the main process ends with its sentinel: who
        does not hangs itself."""
        states = below(pid)
        lost = {
            f"its process {each} is dead and not replaced"
            for each, state in states.items()
            if state == ZOMBIE
        }
        if len(states) > len(lost):
            self._seen_whole = pid
        elif not states and (self._seen_whole == pid or self._told_to_end):
            lost.add("all of its processes are gone")
        now = time.time()
        self._lost_since = {what: self._lost_since.get(what, now) for what in lost}
        for what, since in self._lost_since.items():
            if now - since > PATIENCE_S:
                return f"{what}, for {now - since:.0f} s"
        return ""

    def _was_present(self) -> bool:
        now = time.time()
        if not 0 <= now - self._looked_at < ABSENT_S:
            self._present_since = now
            self._lost_since.clear()
        self._looked_at = now
        return now - self._present_since > PATIENCE_S
