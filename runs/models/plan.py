from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.fields import KeyField


class Plan(models.Model):
    """A saved selection of cases with an environment and options.

    It runs every active case that is listed, that lies in a listed module or below it,
    or that carries a listed tag.
    """

    name = KeyField(_("name"), max_length=120, unique=True)
    description = models.TextField(_("description"), blank=True)
    environment = models.ForeignKey(
        "cases.Environment",
        verbose_name=_("environment"),
        on_delete=models.PROTECT,
        related_name="plans",
    )
    modules = models.ManyToManyField(
        "cases.Module", verbose_name=_("modules"), blank=True, related_name="plans"
    )
    cases = models.ManyToManyField(
        "cases.Case", verbose_name=_("cases"), blank=True, related_name="plans"
    )
    tags = models.ManyToManyField(
        "cases.Tag", verbose_name=_("tags"), blank=True, related_name="plans"
    )
    # [[name, value], ...]
    variables = models.JSONField(_("variables"), default=list, blank=True)
    never_send_twice = models.BooleanField(
        _("never send a case twice"),
        default=False,
        help_text=_(
            "When a worker dies, cases that were on their way end as “error: interrupted” "
            "instead of being sent again."
        ),
    )

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["name"]
        permissions = [("run_plan", "Can run plans")]

    def __str__(self) -> str:
        return self.name
