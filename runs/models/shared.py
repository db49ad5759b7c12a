from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SharedValue(models.Model):
    """An access token that all cases of a run use, in whatever process they run.

    At most one process has its claim and fetches the token; `runs.execution.shared` has
    the rules.
    """

    run = models.ForeignKey("runs.Run", on_delete=models.CASCADE, related_name="shared_values")
    # What was asked for, under a key of this installation: no secret can be guessed from it.
    key = models.CharField(max_length=64)
    # Empty while the first one is fetched.
    ciphertext = models.TextField(blank=True)
    # By the database's clock; NULL: it lasts as long as the run.
    expires_at = models.DateTimeField(null=True)
    # How often a value was stored: who saw an older one must look again.
    serial = models.PositiveIntegerField(default=0)
    claim = models.CharField(max_length=32, blank=True)
    claim_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("shared value")
        verbose_name_plural = _("shared values")
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], name="shared_value_unique")
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.key}"
