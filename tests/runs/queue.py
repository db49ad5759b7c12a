"""What was put into the queue: (task, key), in order."""

from __future__ import annotations

Sent = list[tuple[str, int]]
