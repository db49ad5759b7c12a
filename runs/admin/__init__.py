"""The console's pages for what happened, and for starting it."""

from __future__ import annotations

from runs.admin import case, module, plan, queue, result, run, schedule, token

__all__ = ["case", "module", "plan", "queue", "result", "run", "schedule", "token"]
