from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from runs.choices import ChunkStatus
from runs.querysets import ChunkQuerySet


class Chunk(models.Model):
    """A part of a run that one worker claims, under a lease and a token.

    Whoever writes for a chunk names its token in the same transaction: a worker that
    lost its lease writes nothing.
    """

    run = models.ForeignKey("runs.Run", on_delete=models.CASCADE, related_name="chunks")
    seq = models.PositiveIntegerField()
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=ChunkStatus.choices,
        default=ChunkStatus.WAITING,
    )
    # [[case id, version id, first row, last row], ...]; rows 0, 0 without a dataset
    items = models.JSONField()
    n_items = models.PositiveIntegerField()
    # With `never_send_twice`: items before this number may have been sent.
    n_sent = models.PositiveIntegerField(default=0)
    n_passed = models.PositiveIntegerField(default=0)
    n_failed = models.PositiveIntegerField(default=0)
    n_error = models.PositiveIntegerField(default=0)
    n_skipped = models.PositiveIntegerField(default=0)
    n_blocked = models.PositiveIntegerField(default=0)
    # Of `n_passed` those that did not pass at once.
    n_passed_on_retry = models.PositiveIntegerField(default=0)
    # Claims since the chunk last moved: see `runs.execution.caution`.
    attempts = models.PositiveIntegerField(default=0)
    token = models.CharField(max_length=32, blank=True)
    # Where each claim was carried out, as `runs.execution.trace` writes it.
    claims = models.JSONField(default=list)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    objects = ChunkQuerySet.as_manager()

    class Meta:
        verbose_name = _("chunk")
        verbose_name_plural = _("chunks")
        ordering = ["run_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="chunk_unique_seq")]
        indexes = [
            # dispatch: what of a run waits or is under way
            models.Index(fields=["run", "status"], name="chunk_by_run_status"),
            # the watch: leases that ended, hints that got lost
            models.Index(fields=["status", "lease_until"], name="chunk_by_lease"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.seq}"
