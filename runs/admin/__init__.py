"""The console's pages for what happened, and for starting it."""

from __future__ import annotations

from runs.admin import (
    case,
    channel,
    delivery,
    module,
    plan,
    queue,
    result,
    run,
    schedule,
    token,
)

__all__ = [
    "case",
    "channel",
    "delivery",
    "module",
    "plan",
    "queue",
    "result",
    "run",
    "schedule",
    "token",
]
