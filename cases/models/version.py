from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CaseVersion(models.Model):
    """A case as it was written at one time, complete: what a run's manifest points to.

    Never changed once stored; one row for each content digest of a case.
    """

    case = models.ForeignKey(
        "cases.Case", on_delete=models.SET_NULL, null=True, related_name="versions"
    )
    digest = models.CharField(max_length=64)
    # `CaseSpec.to_dict()`
    spec = models.JSONField()
    # Without rows 0; kept here so that planning a run reads no spec.
    n_rows = models.PositiveIntegerField(default=0)
    # What its attachments held: kept as long as this version is.
    contents = models.ManyToManyField("cases.Content", related_name="versions")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("case version")
        verbose_name_plural = _("case versions")
        constraints = [
            models.UniqueConstraint(fields=["case", "digest"], name="version_unique")
        ]

    def __str__(self) -> str:
        return f"{self.spec.get('path')} {self.digest[:8]}"
