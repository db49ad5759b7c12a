"""The questions about runs that more than one page asks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from runs.choices import (
    BROKEN,
    ENDED,
    OPEN,
    ChunkStatus,
    DeliveryStatus,
    Outcome,
    Trigger,
)

if TYPE_CHECKING:
    from runs.models import Channel, Chunk, Delivery, Result, Run  # noqa: F401  in the annotations' texts

# They fill the window of a run: a hint is out, or a worker has them.
LIVE = (ChunkStatus.QUEUED, ChunkStatus.RUNNING)


class RunQuerySet(models.QuerySet["Run"]):
    def open(self) -> RunQuerySet:
        """Runs that have not ended."""
        return self.filter(status__in=OPEN)

    def to_announce(self) -> RunQuerySet:
        """Scheduled runs that have ended without anybody having been told."""
        scheduled = self.filter(trigger=Trigger.SCHEDULE, announced_at=None)
        return scheduled.filter(status__in=ENDED)

    def with_counts(self) -> RunQuerySet:
        """`n_passed` ... `n_blocked`, `n_passed_on_retry` and `n_done` on every row, in the
        same query."""
        chunks = apps.get_model("runs", "Chunk").objects
        own = chunks.filter(run=models.OuterRef("pk")).order_by().values("run")

        def total(expression: models.expressions.Combinable) -> models.Subquery:
            summed = own.annotate(total=models.Sum(expression)).values("total")
            return models.Subquery(summed, output_field=models.IntegerField())

        names = (*Outcome.values, "passed_on_retry")
        columns = {f"n_{name}": total(models.F(f"n_{name}")) for name in names}
        done = sum((models.F(f"n_{o}") for o in Outcome.values), models.Value(0))
        return self.annotate(**columns, n_done=total(done))


class ChunkQuerySet(models.QuerySet["Chunk"]):
    def live(self) -> ChunkQuerySet:
        return self.filter(status__in=LIVE)

    def unfinished(self) -> ChunkQuerySet:
        """Chunks that keep their run open."""
        return self.filter(status__in=(ChunkStatus.WAITING, *LIVE))

    def claimable(self) -> ChunkQuerySet:
        """A hint came for them, or their worker let the lease end. By the database's clock."""
        return self.filter(
            models.Q(status=ChunkStatus.QUEUED)
            | models.Q(status=ChunkStatus.RUNNING, lease_until__lt=Now())
        )

    def renewed_within(self, seconds: int) -> ChunkQuerySet:
        """Chunks that a worker has claimed or renewed a moment ago."""
        lease_from_then = timedelta(seconds=settings.LEASE_S - seconds)
        return self.filter(status=ChunkStatus.RUNNING, lease_until__gt=Now() + lease_from_then)


class ResultQuerySet(models.QuerySet["Result"]):
    def broken(self) -> ResultQuerySet:
        """Results a tester has to look at: failed, error or blocked."""
        return self.filter(outcome__in=BROKEN)

    def passed_on_retry(self) -> ResultQuerySet:
        """Results that did not pass at once: a flaky case, or a flaky target."""
        return self.filter(outcome=Outcome.PASSED, n_attempts__gt=1)


class ChannelQuerySet(models.QuerySet["Channel"]):
    def of_plan(self, plan_id: int | None) -> ChannelQuerySet:
        """Active channels that hear of this plan."""
        hears = models.Q(all_plans=True)
        if plan_id is not None:
            hears |= models.Q(plans=plan_id)
        return self.filter(hears, is_active=True).distinct()


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self) -> DeliveryQuerySet:
        """To be sent now, or left behind by a worker that died. By the database's clock."""
        return self.filter(
            models.Q(status=DeliveryStatus.WAITING, due_at__lte=Now())
            | models.Q(status=DeliveryStatus.SENDING, lease_until__lt=Now())
        )

    def under_way(self) -> DeliveryQuerySet:
        return self.filter(status=DeliveryStatus.SENDING, lease_until__gte=Now())
