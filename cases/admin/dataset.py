from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from cases.forms import DataSetForm
from cases.models import Case, DataSet
from cases.specs import refresh


@admin.register(DataSet)
class DataSetAdmin(ModelAdmin):
    list_display = ("name", "n_rows", "n_cases")
    list_per_page = 50
    search_fields = ("name",)
    form = DataSetForm
    warn_unsaved_form = True
    fields = ("name", "description", "rows")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DataSet]:
        return super().get_queryset(request).annotate(n_cases=Count("cases"))

    def save_model(
        self, request: HttpRequest, obj: DataSet, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        refresh(Case.objects.filter(dataset=obj))

    def delete_model(self, request: HttpRequest, obj: DataSet) -> None:
        self.delete_queryset(request, DataSet.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        cases = list(Case.objects.filter(dataset__in=queryset).values_list("pk", flat=True))
        super().delete_queryset(request, queryset)
        refresh(Case.objects.filter(pk__in=cases))

    @admin.display(description=_("rows"))
    def n_rows(self, dataset: DataSet) -> int:
        return len(dataset.rows)

    @admin.display(description=_("cases"), ordering="n_cases")
    def n_cases(self, dataset: DataSet) -> int:
        return dataset.n_cases
