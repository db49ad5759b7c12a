from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from tree_queries.models import TreeNode

from cases.models.fields import KeyField


class Module(TreeNode):
    """A branch of the tree of cases; JUnit calls it a suite."""

    name = KeyField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    default_environment = models.ForeignKey(
        "cases.Environment",
        verbose_name=_("default environment"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Used when a run names none; modules below inherit it."),
    )
    # What every step below is given, unless it says otherwise.
    headers = models.JSONField(
        _("default headers"),
        default=list,
        blank=True,
        help_text=_("Sent with every request below; a header of the same name wins."),
    )
    inherit_headers = models.BooleanField(_("inherit default headers"), default=True)
    # {"kind", "values": [[name, value], ...]}; empty: inherited
    auth = models.JSONField(_("auth"), default=dict, blank=True)
    assertions = models.JSONField(
        _("default assertions"),
        default=list,
        blank=True,
        help_text=_("Judged after those of every step below."),
    )
    inherit_assertions = models.BooleanField(_("inherit default assertions"), default=True)
    # The parent's id, 0 at the top: NULLs are distinct in a unique index, so two roots
    # of one name would slip past a constraint on parent_id.
    parent_key = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("module")
        verbose_name_plural = _("modules")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent_key", "name"],
                name="module_unique_name",
                violation_error_message=_("This module already has one of that name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.parent_key = self.parent_id or 0
        fields = kwargs.get("update_fields")
        if fields is not None and "parent" in fields:
            kwargs["update_fields"] = {*fields, "parent_key"}
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        self.name = self.name.strip()
        self.parent_key = self.parent_id or 0
        if "/" in self.name:
            raise ValidationError(
                {"name": _("A module's name cannot hold “/”: it divides paths.")}
            )
        twin = Module.objects.filter(parent_key=self.parent_key, name=self.name)
        if twin.exclude(pk=self.pk).exists():
            raise ValidationError(
                {"name": _("There is a module “%s” here already.") % self.name}
            )

    @property
    def path(self) -> str:
        """Names from the root joined by `/`; one query."""
        return "/".join(node.name for node in self.ancestors(include_self=True))
