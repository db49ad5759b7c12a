from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.engine.spec import RowSpec
from cases.models.fields import KeyField


class DataSet(models.Model):
    """Named rows of variables: a case that uses one has a result per row."""

    name = KeyField(_("name"), max_length=120, unique=True)
    description = models.TextField(_("description"), blank=True)
    # [{"name": "empty cart", "values": [["items", 0], ...]}, ...]
    rows = models.JSONField(_("rows"), default=list)

    class Meta:
        verbose_name = _("dataset")
        verbose_name_plural = _("datasets")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        try:
            self.to_specs()
        except (TypeError, ValueError, KeyError) as error:
            raise ValidationError(
                {"rows": _("Rows are a list of a name and values each: %s") % error}
            ) from error

    def to_specs(self) -> tuple[RowSpec, ...]:
        return tuple(RowSpec.from_dict(row) for row in self.rows)
