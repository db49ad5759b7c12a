"""The threads of worker processes, as their log and the kernel know them."""

from __future__ import annotations

import os
import re
from collections import Counter

from tests.runs.processes import workers

_STARTED = re.compile(r" pid=(\d+) thread=case-\d+ .*Pool thread started\.$", re.MULTILINE)


def started_threads(log: str) -> list[int]:
    """How often the crew's initializer ran, for each process that has a crew."""
    return sorted(Counter(_STARTED.findall(log)).values())


def threads_of(main: int) -> dict[int, int]:
    """Worker process -> its threads in the kernel's list, for each child of a sentinel."""
    counts = {}
    for pid in workers(main):
        try:
            counts[pid] = len(os.listdir(f"/proc/{pid}/task"))
        except FileNotFoundError:  # replaced by a fresh one after many tasks
            continue
    return counts
