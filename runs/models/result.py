from __future__ import annotations

from typing import Any

import orjson
from django.db import models
from django.utils.translation import gettext_lazy as _

from runs.choices import Outcome
from runs.packing import unpack
from runs.querysets import ResultQuerySet


class Result(models.Model):
    """What one case, or one row of it, did in one run: the light row that lists show.

    The case's id, path and name are columns, not links: deleting, moving or renaming a
    case never changes a record.
    """

    run = models.ForeignKey("runs.Run", on_delete=models.CASCADE, related_name="results")
    chunk = models.ForeignKey("runs.Chunk", on_delete=models.CASCADE, related_name="results")
    case_id = models.PositiveBigIntegerField(_("case number"))
    version = models.ForeignKey(
        "cases.CaseVersion", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    case_name = models.CharField(_("case"), max_length=200)
    case_path = models.CharField(_("path"), max_length=1000)
    # 0 without rows: NULLs are distinct in a unique index, so the same result could
    # stand twice.
    row_no = models.PositiveIntegerField(_("row"), default=0)
    row_name = models.CharField(_("row name"), max_length=200, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    message = models.CharField(_("message"), max_length=1000, blank=True)
    started_at = models.DateTimeField(_("started"), null=True)
    duration_ms = models.FloatField(_("duration (ms)"), default=0)
    n_attempts = models.PositiveSmallIntegerField(_("attempts"), default=1)
    host = models.CharField(_("host"), max_length=100, blank=True)
    pid = models.PositiveIntegerField(_("process"), null=True)
    thread = models.CharField(_("thread"), max_length=60, blank=True)

    objects = ResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "case_id", "row_no"], name="result_once")
        ]
        indexes = [
            # a run's page: its broken results first
            models.Index(fields=["run", "outcome"], name="result_by_run_outcome"),
            # a case's page: its history
            models.Index(fields=["case_id", "id"], name="result_by_case"),
        ]

    def __str__(self) -> str:
        return f"{self.case_path} {self.row_name}".strip()

    @property
    def passed_on_retry(self) -> bool:
        return self.outcome == Outcome.PASSED and self.n_attempts > 1


class Attempt(models.Model):
    """One try of a result with its requests, responses and assertions: the heavy row."""

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField(default=1)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    # `cases.engine.record.dumps`, packed
    data = models.BinaryField()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(fields=["result", "number"], name="attempt_unique")
        ]

    def __str__(self) -> str:
        return f"{self.result_id}.{self.number}"

    def read(self) -> dict[str, Any]:
        """The attempt as `cases.engine.record` describes it."""
        return dict(orjson.loads(unpack(self.data)))
