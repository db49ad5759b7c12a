from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from runs import tasks
from runs.admin.channel import STATUS_LABELS
from runs.admin.read_only import ReadOnly
from runs.models import Delivery
from runs.templatetags.outcomes import moment


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, ModelAdmin):
    """What was sent to whom, and why something was not."""

    list_display = ("run_link", "channel", "news", "shown_status", "n_tries", "when", "reason")
    list_display_links = None
    list_select_related = ("run", "channel")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("channel", RelatedDropdownFilter),
    )
    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False
    exclude = ("lease_until",)
    actions = ("send_again",)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("runs.change_channel")

    @admin.display(description=_("run"), ordering="run_id")
    def run_link(self, delivery: Delivery) -> str:
        page = reverse("admin:runs_run_change", args=[delivery.run_id])
        return format_html('<a href="{}">#{} {}</a>', page, delivery.run_id, delivery.run.title)

    @display(description=_("status"), label=STATUS_LABELS, ordering="status")
    def shown_status(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display()

    @admin.display(description=_("sent, or due"))
    def when(self, delivery: Delivery) -> Any:
        return moment(delivery.sent_at or delivery.due_at)

    @admin.action(description=_("Send selected again"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """What was given up, or waits for its next try; what was sent is not sent twice."""
        n_again = sum(delivery.send_again() for delivery in queryset)
        tasks.send_due()
        self.message_user(
            request,
            ngettext("%d message is sent again.", "%d messages are sent again.", n_again)
            % n_again,
        )
