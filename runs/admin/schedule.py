from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import dateformat
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from runs import schedules, tasks
from runs.forms import ScheduleForm
from runs.models import Schedule

SHOWN_SLOTS = 5


@admin.register(Schedule)
class ScheduleAdmin(ModelAdmin):
    """The owner is whoever wrote the schedule: runs start in that user's name."""

    list_display = ("plan", "cron", "time_zone", "owner", "is_active", "next_run_at")
    list_select_related = ("plan", "owner")
    list_filter = ("is_active",)
    list_filter_submit = True
    list_per_page = 50
    search_fields = ("plan__name", "cron")
    form = ScheduleForm
    autocomplete_fields = ("plan",)
    readonly_fields = ("owner", "next_times")
    fieldsets = (
        (None, {"fields": ("plan", ("cron", "time_zone"), "is_active")}),
        (_("When"), {"fields": ("next_times", "owner")}),
    )

    def save_model(
        self, request: HttpRequest, obj: Schedule, form: ModelForm, change: bool
    ) -> None:
        if not change:
            obj.owner = request.user
        super().save_model(request, obj, form, change)
        tasks.arm(obj)

    def delete_model(self, request: HttpRequest, obj: Schedule) -> None:
        tasks.disarm(obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for schedule in queryset:
            tasks.disarm(schedule)
        super().delete_queryset(request, queryset)

    @admin.display(description=_("next times"))
    def next_times(self, schedule: Schedule) -> str:
        """In the schedule's own zone; a slot starts up to 31 s late."""
        if not schedule.pk:
            return _("Shown when the schedule is saved.")
        if not schedule.is_active:
            return _("Never: the schedule is not active.")
        slots = schedules.next_slots(
            schedule.cron, schedule.time_zone, datetime.now(UTC), SHOWN_SLOTS
        )
        return format_html_join("", "<div>{}</div>", ((_slot(slot),) for slot in slots))


def _slot(slot: datetime) -> str:
    return f"{dateformat.format(slot, 'D Y-m-d H:i')} {slot.tzname()}"
