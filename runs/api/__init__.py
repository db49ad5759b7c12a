"""What programs ask over HTTP, below /api/v1."""

from __future__ import annotations

from ninja import Router

from runs.api.results import router as results
from runs.api.runs import router as runs
from runs.api.stats import router as stats

router = Router()
router.add_router("/runs", runs)
router.add_router("/results", results)
router.add_router("/stats", stats)

__all__ = ["router"]
