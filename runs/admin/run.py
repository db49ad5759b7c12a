from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from runs import tasks, views
from runs.admin.day import DayFilter
from runs.admin.read_only import ReadOnly
from runs.admin.run_now import run_page
from runs.choices import Trigger
from runs.execution.repeat import left_out
from runs.execution.selection import PlanError
from runs.models import Run
from runs.templatetags.outcomes import (
    bar,
    counted,
    counts_of,
    length_ms,
    moment,
    repetition,
    state,
)


@admin.register(Run)
class RunAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "number",
        "what",
        "shown_state",
        "shown_counts",
        "environment_name",
        "started_by",
        "made",
        "duration",
    )
    list_display_links = ("number", "what")
    list_select_related = ("user", "token")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("outcome", ChoicesDropdownFilter),
        ("trigger", ChoicesDropdownFilter),
        ("plan", RelatedDropdownFilter),
        DayFilter,
    )
    list_filter_submit = True
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    search_fields = ("title",)
    actions = ("cancel_selected",)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/live/", view(self.live_view), name="runs_run_live"),
            path(
                "<int:pk>/cancel/",
                view(require_POST(self.cancel_view)),
                name="runs_run_cancel",
            ),
            path(
                "<int:pk>/again/",
                view(require_POST(self.again_view)),
                name="runs_run_again",
            ),
            path(
                "<int:pk>/again/failed/",
                view(require_POST(self.again_view)),
                {"failed_only": True},
                name="runs_run_again_failed",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return super().get_queryset(request).with_counts()

    def has_cancel_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("runs.cancel_run")

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return views.run_page(request, self.admin_site, object_id)

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return views.run_live(request, str(pk))

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_cancel_permission(request):
            raise PermissionDenied
        run = get_object_or_404(Run, pk=pk)
        if cancel(run, request):
            self.message_user(request, _("No further case of this run is sent."))
        else:
            self.message_user(request, _("The run had already ended."))
        return HttpResponseRedirect(run_page(run))

    def again_view(
        self, request: HttpRequest, pk: int, failed_only: bool = False
    ) -> HttpResponse:
        run = get_object_or_404(Run.objects.select_related("plan"), pk=pk)
        if not request.user.has_perm(run.needs_permission):
            raise PermissionDenied
        missing = left_out(run, failed_only=failed_only)
        try:
            again = tasks.repeat_run(
                run, trigger=Trigger.ADMIN, user=request.user, failed_only=failed_only
            )
        except PlanError as error:
            self.message_user(request, f"{error} {missing}".strip(), messages.ERROR)
            return HttpResponseRedirect(run_page(run))
        if missing:
            self.message_user(request, missing, messages.WARNING)
        return HttpResponseRedirect(run_page(again))

    @admin.display(description=_("run"), ordering="pk")
    def number(self, run: Run) -> str:
        return f"#{run.pk}"

    @admin.display(description=_("what"), ordering="title")
    def what(self, run: Run) -> str:
        again = repetition(run)
        if not again:
            return run.title
        return format_html('{} <span class="th-dim th-small">{}</span>', run.title, again)

    @admin.display(description=_("outcome"), ordering="outcome")
    def shown_state(self, run: Run) -> str:
        return state(run)

    @admin.display(description=_("results"))
    def shown_counts(self, run: Run) -> str:
        counts = counts_of(run)
        return format_html("{}{}", bar(counts), counted(counts))

    @admin.display(description=_("started by"))
    def started_by(self, run: Run) -> str:
        return views.started_by(run)

    @admin.display(description=_("created"), ordering="pk")
    def made(self, run: Run) -> str:
        return moment(run.created_at)

    @admin.display(description=_("duration"))
    def duration(self, run: Run) -> str:
        if not run.started_at or not run.finished_at:
            return "–"
        return length_ms(run.finished_at - run.started_at)

    @admin.action(description=_("Cancel selected runs"), permissions=["cancel"])
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        n_cancelled = sum(cancel(run, request) for run in queryset.open())
        self.message_user(
            request,
            ngettext("%d run is cancelled.", "%d runs are cancelled.", n_cancelled)
            % n_cancelled,
        )


def cancel(run: Run, request: HttpRequest) -> bool:
    won = run.cancel(request.user)
    if won:
        tasks.settle(run)
    return won
