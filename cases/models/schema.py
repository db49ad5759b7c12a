from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.engine.stored_schemas import name_in
from cases.importers import strict_yaml
from cases.models.fields import KeyField

LONGEST_NAME = 120


class Schema(models.Model):
    """A JSON Schema that assertions of every module, and other schemas, name."""

    name = KeyField(
        _("name"),
        max_length=LONGEST_NAME,
        unique=True,
        help_text=_("Assertions and other schemas refer to it by this name."),
    )
    description = models.TextField(_("description"), blank=True)
    # As it was typed, in JSON or YAML: comments and order stay.
    text = models.TextField(
        _("JSON Schema"),
        help_text=_("JSON or YAML; “$ref: name” leads to another stored schema."),
    )
    # What the text says; written by `save`.
    schema = models.JSONField(editable=False, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("JSON Schema")
        verbose_name_plural = _("JSON Schemas")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ValueError for a text that is neither JSON nor YAML."""
        self.schema = read(self.text)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if name_in(self.name) != self.name.strip():
            raise ValidationError(
                {
                    "name": _(
                        "“%s” cannot stand in a reference: use letters from A to Z, digits, "
                        "dots, dashes and underscores."
                    )
                    % self.name
                }
            )


def read(text: str) -> Any:
    """A schema as it was typed. Raises ValueError with one sentence."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text)
        except RecursionError:
            raise ValueError(_("this is nested too deeply.")) from None
    return strict_yaml.load(text)


class SchemaUse(models.Model):
    """An assertion of this case names that schema, itself or by way of another one,
    whether it is there or not. Written by `cases.specs.refresh`."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="schema_uses")
    name = KeyField(max_length=LONGEST_NAME)

    class Meta:
        verbose_name = _("use of a JSON Schema")
        verbose_name_plural = _("uses of JSON Schemas")
        default_permissions = ()
        indexes = [models.Index(fields=["name"], name="schema_use_name")]
        constraints = [
            models.UniqueConstraint(fields=["case", "name"], name="schema_use_unique")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.name}"
