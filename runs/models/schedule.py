from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from runs import schedules


class Schedule(models.Model):
    """When a plan runs by itself: a cron line in a time zone of its own."""

    plan = models.ForeignKey(
        "runs.Plan",
        verbose_name=_("plan"),
        on_delete=models.CASCADE,
        related_name="schedules",
    )
    cron = models.CharField(
        _("cron"),
        max_length=100,
        help_text=_("minute hour day month weekday, for example 30 7 * * 1-5"),
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default=schedules.default_zone)
    is_active = models.BooleanField(_("active"), default=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="schedules",
        help_text=_("Runs start in this user's name, and stop when the user is disabled."),
    )
    next_run_at = models.DateTimeField(_("next run"), null=True, editable=False)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        ordering = ["plan_id", "pk"]

    def __str__(self) -> str:
        return f"{self.plan}: {self.cron} ({self.time_zone})"

    def clean(self) -> None:
        super().clean()
        problems = schedules.problems(self.cron, self.time_zone)
        if problems:
            raise ValidationError(problems)
