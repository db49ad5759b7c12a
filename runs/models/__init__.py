"""What is to run, and what happened, as rows."""

from __future__ import annotations

from runs.models.channel import Channel
from runs.models.chunk import Chunk
from runs.models.delivery import Delivery
from runs.models.plan import Plan
from runs.models.result import Attempt, Result
from runs.models.run import Run
from runs.models.schedule import Schedule
from runs.models.shared import SharedValue
from runs.models.token import ApiToken

__all__ = [
    "ApiToken",
    "Attempt",
    "Channel",
    "Chunk",
    "Delivery",
    "Plan",
    "Result",
    "Run",
    "Schedule",
    "SharedValue",
]
