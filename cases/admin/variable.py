from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from cases.forms import GlobalVariableForm, VariableForm, VariableFormSet
from cases.models import Variable


class VariableInline(TabularInline):
    """Variables of an environment or a module, in its own form."""

    model = Variable
    form = VariableForm
    formset = VariableFormSet
    fields = ("name", "kind", "value", "is_secret")
    extra = 0
    hide_title = True

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:  # cells of a tabular inline have no label of their own
            field.widget.attrs.setdefault("aria-label", str(field.label))
        return field


@admin.register(Variable)
class GlobalVariableAdmin(ModelAdmin):
    """Variables that every case sees; those of environments and modules are edited there."""

    form = GlobalVariableForm
    list_display = ("name", "kind", "shown_value", "is_secret")
    list_filter = ("is_secret",)
    list_filter_submit = True
    list_per_page = 50
    search_fields = ("name",)
    fields = ("name", "kind", "value", "is_secret")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variable]:
        return super().get_queryset(request).filter(environment=None, module=None)

    @admin.display(description=_("value"))
    def shown_value(self, variable: Variable) -> str:
        if variable.is_secret:
            return _("(set)")
        return variable.value if len(variable.value) <= 80 else f"{variable.value[:80]}…"
