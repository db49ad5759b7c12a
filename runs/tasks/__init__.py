"""Everything django-q2 sees, and everything that starts a run.

Three rules: only primary keys cross the queue; a hint is sent after commit; every task
may arrive twice, or never (the watch sends it again).
"""

from __future__ import annotations

from runs.tasks.hints import plan_run, prune, run_chunk, watch
from runs.tasks.news import announce, deliver, page_of, send_due
from runs.tasks.starting import repeat_run, run_now, settle, start_plan, start_run
from runs.tasks.timetable import (
    arm,
    disarm,
    fire_due_schedules,
    fire_schedule,
    install_own,
)

__all__ = [
    "announce",
    "arm",
    "deliver",
    "disarm",
    "fire_due_schedules",
    "fire_schedule",
    "install_own",
    "page_of",
    "plan_run",
    "prune",
    "repeat_run",
    "run_chunk",
    "run_now",
    "send_due",
    "settle",
    "start_plan",
    "start_run",
    "watch",
]
