from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from cases.models import Tag


@admin.register(Tag)
class TagAdmin(ModelAdmin):
    list_display = ("name", "n_cases")
    list_per_page = 50
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return super().get_queryset(request).annotate(n_cases=Count("case"))

    @admin.display(description=_("cases"), ordering="n_cases")
    def n_cases(self, tag: Tag) -> int:
        return tag.n_cases
