from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.engine import retry
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
    case_retries = models.PositiveSmallIntegerField(
        _("case retries"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(retry.MOST)],
        help_text=_(
            "How often a case is tried again when it does not pass; empty: as often as the "
            "case says."
        ),
    )

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["name"]
        permissions = [("run_plan", "Can run plans")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.never_send_twice and self.case_retries:
            message = _("A case that is never sent twice is not tried again.")
            raise ValidationError({"case_retries": message})
