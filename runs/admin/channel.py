from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from runs.admin.read_only import TakesHistoryAlong
from runs.channel_form import SHOWN_WHEN, ChannelForm
from runs.choices import ChannelKind, DeliveryStatus
from runs.models import Channel, Delivery
from runs.notifications.message import test_message
from runs.notifications.send import send
from runs.notifications.undelivered import Undelivered

RECENT = 10
STATUS_LABELS = {
    DeliveryStatus.SENT: "success",
    DeliveryStatus.WAITING: "warning",
    DeliveryStatus.SENDING: "info",
    DeliveryStatus.GIVEN_UP: "danger",
}


@admin.register(Channel)
class ChannelAdmin(TakesHistoryAlong, ModelAdmin):
    """Who is told when a scheduled run has ended."""

    list_display = ("name", "kind", "where", "tell", "is_active", "last_delivery")
    list_filter = ("kind", "is_active")
    list_filter_submit = True
    list_per_page = 50
    search_fields = ("name", "recipients")
    form = ChannelForm
    conditional_fields = SHOWN_WHEN
    autocomplete_fields = ("plans",)
    warn_unsaved_form = True
    fieldsets = (
        (None, {"fields": ("name", "kind", "recipients", "url", "signing_key")}),
        (_("What it is told"), {"fields": ("tell", "all_plans", "plans", "is_active")}),
    )
    actions_detail = ("test_detail",)
    change_form_outer_after_template = "runs/channel_deliveries.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Channel]:
        last = Delivery.objects.filter(channel=OuterRef("pk")).order_by("-pk")
        return (
            super()
            .get_queryset(request)
            .annotate(last_status=Subquery(last.values("status")[:1]))
        )

    def has_test_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return self.has_change_permission(request)

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if object_id.isdecimal():
            recent = Delivery.objects.filter(channel_id=object_id).select_related("run")
            context = {"recent_deliveries": recent[:RECENT]}
            kwargs["extra_context"] = {**(kwargs.get("extra_context") or {}), **context}
        return super().change_view(request, object_id, *args, **kwargs)

    @admin.display(description=_("where"))
    def where(self, channel: Channel) -> str:
        if channel.kind == ChannelKind.EMAIL:
            return ", ".join(channel.addresses)
        return channel.hint

    @display(description=_("last delivery"), label=STATUS_LABELS)
    def last_delivery(self, channel: Channel) -> Any:
        if not channel.last_status:
            return None
        return channel.last_status, DeliveryStatus(channel.last_status).label

    @action(
        description=_("Send a test message"),
        icon="send",
        permissions=["test"],
        dialog={
            "title": _("Send a test message?"),
            "description": _("It goes out at once, as the channel was last saved."),
            "form_class": None,
            "form_submit_text": _("Send"),
        },
    )
    def test_detail(
        self, request: HttpRequest, form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        found = Channel.objects.filter(pk=object_id) if object_id.isdecimal() else None
        channel = found.first() if found is not None else None
        if channel is None:
            raise Http404
        path = reverse("admin:runs_channel_change", args=[channel.pk])
        try:
            send(channel, test_message(channel.name, settings.PUBLIC_URL + path), 0)
        except Undelivered as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The message was taken."))
        return HttpResponse(headers={"HX-Redirect": path})
