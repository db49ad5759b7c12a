from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from cases import schemas
from cases.auth_field import AuthField
from cases.columns import pair_columns
from cases.engine.validate import defaults_as_step, problems
from cases.models import Module
from cases.specs import module_defaults
from cases.tables import AssertionField, TableField

_DEFAULTS = ("headers", "auth", "assertions")


class ModuleForm(forms.ModelForm):
    headers = TableField(
        columns=pair_columns,
        pairs=True,
        label=gettext_lazy("Default headers"),
        help_text=gettext_lazy(
            "Sent with every request below; a header of the same name wins."
        ),
    )
    auth = AuthField(label=gettext_lazy("Auth"))
    assertions = AssertionField(
        label=gettext_lazy("Default assertions"),
        help_text=gettext_lazy("Judged after those of every step below."),
    )

    class Meta:
        model = Module
        fields = (
            "parent",
            "name",
            "description",
            "default_environment",
            "headers",
            "inherit_headers",
            "auth",
            "assertions",
            "inherit_assertions",
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        module = Module(**{name: data[name] for name in _DEFAULTS if name in data})
        step = defaults_as_step(module_defaults(module))
        for problem in problems(step, schemas.named_by(step)):
            if problem.field not in self.errors:
                self.add_error(problem.field, problem.message)
        return data
