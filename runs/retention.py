"""What is kept how long: the heavy rows go first, the record of a run last.

Everything is deleted in small batches, each a transaction of its own: nobody waits for a
clean-up, and one that is interrupted has simply done less.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models

from cases import contents
from runs.choices import ENDED
from runs.models import Attempt, Result, Run

BATCH = 1_000
# Contents of attachments that nothing needs any more: somebody may upload the file again.
CONTENTS_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    n_attempts: int
    n_results: int
    n_runs: int
    n_contents: int


def prune(now: datetime) -> Pruned:
    """Delete what is older than RETENTION_BODIES_DAYS, _RESULTS_DAYS and _RUNS_DAYS.

    Age counts from the end of a run; one that has not ended keeps everything. The counts
    of a run outlive its results: they stand in its chunks. Contents of attachments go a
    week after the last attachment and the last version of a case that needed them.
    """
    return Pruned(
        n_attempts=_delete(
            Attempt.objects.filter(
                result__run__in=_ended_before(now, settings.RETENTION_BODIES_DAYS)
            )
        ),
        n_results=_delete(
            Result.objects.filter(run__in=_ended_before(now, settings.RETENTION_RESULTS_DAYS))
        ),
        n_runs=_delete(_ended_before(now, settings.RETENTION_RUNS_DAYS), batch=10),
        n_contents=contents.clear(now - timedelta(days=CONTENTS_DAYS)),
    )


def _ended_before(now: datetime, days: int) -> models.QuerySet[Run]:
    limit = now - timedelta(days=days)
    return Run.objects.filter(status__in=ENDED, finished_at__lt=limit)


def _delete(rows: models.QuerySet[Any], batch: int | None = None) -> int:
    """By key: MySQL knows no LIMIT in a subquery. Counts the rows of this model alone."""
    total = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[: batch or BATCH]):
        rows.model._default_manager.filter(pk__in=keys).delete()
        total += len(keys)
    return total
