from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from runs.models import Run
from runs.stats import latest_days, span

OFFERED_DAYS = 14


class DayFilter(DropdownFilter):
    """Runs that were created on one day of the reader's zone, `?day=2026-11-23`.

    By the same bounds as the statistics; `date_hierarchy` would leave them to the database.
    """

    title = _("day")
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        zone = timezone.get_current_timezone()
        days = [str(day) for day in latest_days(OFFERED_DAYS, zone, timezone.now())]
        asked = self.used_parameters.get(self.parameter_name)
        if asked and asked not in days:
            days.insert(0, asked)
        return [(day, day) for day in reversed(days)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        asked = self.value()
        if not asked:
            return queryset
        try:
            begins_at, ends_at = span(
                date.fromisoformat(asked), timezone.get_current_timezone()
            )
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error
        return queryset.filter(created_at__gte=begins_at, created_at__lt=ends_at)
