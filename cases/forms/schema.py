from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextareaWidget

from cases import schemas, uses
from cases.engine.errors import CannotJudge
from cases.models import Schema
from cases.models.schema import read


class SchemaForm(forms.ModelForm):
    """What it keeps compiles: a reference that leads nowhere is refused."""

    class Meta:
        model = Schema
        fields = ("name", "description", "text")
        widgets = {"text": UnfoldAdminTextareaWidget(attrs={"class": "th-code", "rows": 20})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.old_name = self.instance.name

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self.instance.pk and name != self.old_name:
            for used_by in schemas.users([self.old_name]).values():
                raise ValidationError(
                    _("It cannot be renamed: “%(name)s” is used by %(users)s.")
                    % {"name": self.old_name, "users": uses.in_words(used_by)}
                )
        return name

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        name = self.cleaned_data.get("name")
        try:
            schema = read(text)
        except ValueError as error:
            raise ValidationError(_("This is neither JSON nor YAML: %s") % error) from None
        if name:
            try:
                schemas.check(name, schema)
            except CannotJudge as error:
                raise ValidationError(str(error)) from None
        return text
