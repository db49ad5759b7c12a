"""A case that did not pass is tried again, by the thread that had it.

Nothing of it is on record before its last try: if the worker dies between two tries,
the next one begins with the first.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from runs.execution import drain
from runs.execution.work import Landed, Work

# How often a pause looks whether it should end.
LOOK_S = 0.1


class Tries:
    """One piece of work, from its first try on.

    `landed` is how the newest try ended; `due_at` when the next one may begin, None when
    there is none.
    """

    def __init__(self, work: Work, perform: Callable[[Work], Landed]) -> None:
        self.landed: Landed
        self.due_at: float | None
        self._perform = perform
        self._ends_at = time.monotonic() + work.retry_room_s
        self._perform_one(work)

    def try_again(self) -> None:
        """The next try, with what is kept of those before it."""
        self._perform_one(self.landed.work._replace(earlier=self.landed.tries))

    def _perform_one(self, work: Work) -> None:
        self.landed, self.due_at = self._perform(work), None
        if self.landed.may_retry and len(work.earlier) < work.retries:
            due_at = time.monotonic() + work.spec.retry_pause_ms / 1000
            self.due_at = due_at if due_at <= self._ends_at else None


def perform_tries(
    work: Work, perform: Callable[[Work], Landed], stopped: Callable[[], bool]
) -> Landed:
    """`perform`, again while the work does not pass and has retries left.

    Once `stopped` says yes it stays at what there is. A worker that is about to stop gives
    the work back, to begin anew elsewhere.
    """
    if not work.retries:
        return perform(work)
    tries = Tries(work, perform)
    while tries.due_at is not None and not stopped():
        if drain.is_asked():
            return tries.landed._replace(is_given_back=True)
        left_s = tries.due_at - time.monotonic()
        if left_s > 0:
            time.sleep(min(left_s, LOOK_S))
        else:
            tries.try_again()
    return tries.landed
