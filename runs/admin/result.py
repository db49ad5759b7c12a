from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateTimeFilter,
    RangeNumericFilter,
)
from unfold.paginator import InfinitePaginator

from runs import views
from runs.admin.read_only import ReadOnly
from runs.models import Result
from runs.templatetags.outcomes import length_ms, moment, verdict


class RetryFilter(DropdownFilter):
    title = _("attempts")
    parameter_name = "attempts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("passed_on_retry", _("passed on retry")), ("several", _("more than one"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "passed_on_retry":
            return queryset.passed_on_retry()
        return queryset.filter(n_attempts__gt=1) if self.value() == "several" else queryset


@admin.register(Result)
class ResultAdmin(ReadOnly, ModelAdmin):
    """May hold a million rows: nothing here counts or sorts them all."""

    list_display = (
        "shown_outcome",
        "case_path",
        "row_name",
        "run_link",
        "began",
        "duration",
        "short_message",
    )
    list_display_links = ("shown_outcome", "case_path")
    list_filter = (
        ("outcome", ChoicesDropdownFilter),
        RetryFilter,
        ("duration_ms", RangeNumericFilter),
        ("started_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_per_page = 50
    list_max_show_all = 50
    list_disable_select_all = True
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    search_fields = ("=case_id", "=run__id")
    search_help_text = _("the number of a case or of a run")

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return views.result_page(request, self.admin_site, object_id)

    @admin.display(description=_("outcome"))
    def shown_outcome(self, result: Result) -> str:
        return verdict(result)

    @admin.display(description=_("run"))
    def run_link(self, result: Result) -> str:
        url = reverse("admin:runs_run_change", args=[result.run_id])
        return format_html('<a href="{}">#{}</a>', url, result.run_id)

    @admin.display(description=_("started"))
    def began(self, result: Result) -> str:
        return moment(result.started_at)

    @admin.display(description=_("duration"))
    def duration(self, result: Result) -> str:
        return length_ms(result.duration_ms)

    @admin.display(description=_("message"))
    def short_message(self, result: Result) -> str:
        text = result.message
        return text if len(text) <= 100 else f"{text[:100]}…"
