"""The queue as the processes of a cluster see it: django-q2's own, and a probe beside it.

A probe never was in the queue, which other clusters share: it says of this cluster alone
that its pusher, one of its workers and its monitor hand things on.
"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings

from runs import signs
from runs.probe import PROBE, PROBE_S, package

if settings.BROKER_URL:
    from django_q.brokers.redis_broker import Redis as Queue
else:
    from django_q.brokers.orm import ORM as Queue


class Broker(Queue):
    """Named in Q_CLUSTER; without a keeper it is django-q2's broker, unchanged."""

    _probe_at = 0.0

    def dequeue(self) -> Any:
        """In the pusher: what to hand out next, as pairs (what to confirm, task)."""
        own = signs.of_this_process()
        if own is None:
            return super().dequeue()
        now = time.monotonic()
        if now >= self._probe_at:
            self._probe_at = now + PROBE_S
            own.sent()
            tasks = [(PROBE, package())]
        else:
            tasks = super().dequeue()
        if tasks:
            own.handed_out()
        return tasks

    def acknowledge(self, task_id: Any) -> Any:
        """In the monitor: a result has come all the way."""
        if task_id != PROBE:
            return super().acknowledge(task_id)
        own = signs.of_this_process()
        return own.confirmed() if own is not None else None
