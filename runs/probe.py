"""What django-q2's workers tell their keeper, and the probe that it sends through them.

The receivers must not raise, or the process that called them dies: signs do not.
"""

from __future__ import annotations

import time
from typing import Any

from django_q.signals import post_execute_in_worker, post_spawn, pre_execute
from django_q.signing import SignedPackage

from runs import signs

# Stands where the number of a row would: what the monitor confirms.
PROBE = "probe"
PROBE_S = 2.0


def connect() -> None:
    """Hear of django-q2 what its workers do, below a keeper."""
    own = signs.of_this_process()
    if own is None:
        return

    def spawned(**_signal: Any) -> None:
        own.worker(signs.IDLE)

    def taken(**_signal: Any) -> None:
        own.taken()
        own.worker(signs.BUSY)

    def done(**_signal: Any) -> None:
        # The sentinel waits for this worker's lock meanwhile: one small file, no more.
        own.worker(signs.IDLE)

    post_spawn.connect(spawned, weak=False)
    pre_execute.connect(taken, weak=False)
    post_execute_in_worker.connect(done, weak=False)


def package() -> str:
    """A task that does nothing, as it would come from the queue."""
    task = {
        "id": PROBE,
        "name": PROBE,
        "func": "runs.probe.answer",
        "args": (),
        "kwargs": {},
        "started": time.time(),
        "save": False,
        "ack_failure": True,
    }
    return str(SignedPackage.dumps(task))


def answer() -> None:
    """The probe, in the worker that took it."""
    own = signs.of_this_process()
    if own is not None:
        own.answered()
