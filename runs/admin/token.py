from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Field, QuerySet
from django.forms import Field as FormField
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from runs.forms import TokenForm
from runs.models import ApiToken


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """People see and make their own tokens; superusers everybody's."""

    list_display = (
        "name",
        "user",
        "begins_with",
        "shown_state",
        "expires_at",
        "last_used_at",
    )
    list_select_related = ("user",)
    list_per_page = 50
    search_fields = ("name", "user__username", "hint")
    form = TokenForm
    fields = ("name", "user", "expires_at", "last_used_at")
    readonly_fields = ("last_used_at",)
    actions_row = ("revoke_row",)
    actions_detail = ("revoke_detail",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        tokens = super().get_queryset(request)
        return tokens if request.user.is_superuser else tokens.filter(user=request.user)

    def get_readonly_fields(
        self, request: HttpRequest, obj: ApiToken | None = None
    ) -> tuple[str, ...]:
        fixed = obj is not None or not request.user.is_superuser
        return (*self.readonly_fields, "user") if fixed else self.readonly_fields

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> FormField | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "user":
            field.initial = request.user.pk
        return field

    def save_model(
        self, request: HttpRequest, obj: ApiToken, form: ModelForm, change: bool
    ) -> None:
        if not change:
            if obj.user_id is None:
                obj.user = request.user
            request.issued_token = obj.issue()
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The answer to this one POST shows the token; it is kept nowhere, not even in
        the session.
        """
        return TemplateResponse(
            request,
            "runs/token_issued.html",
            {
                **self.admin_site.each_context(request),
                "title": _("API token"),
                "opts": self.model._meta,
                "token": request.issued_token,
                "row": obj,
            },
        )

    def has_revoke_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return self.has_change_permission(request)

    @display(description=_("begins with"), ordering="hint")
    def begins_with(self, token: ApiToken) -> str:
        return f"{token.hint}…"

    @display(description=_("state"), label={"good": "success", "ended": "danger"})
    def shown_state(self, token: ApiToken) -> tuple[str, str]:
        if token.expires_at <= timezone.now():
            return "ended", _("expired")
        return "good", _("valid")

    def _revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404
        now = timezone.now()
        found = self.get_queryset(request).filter(pk=object_id, expires_at__gt=now)
        if found.update(expires_at=now):
            self.message_user(request, _("The token is good for nothing any more."))
        page = reverse("admin:runs_apitoken_changelist")
        return HttpResponse(headers={"HX-Redirect": page})

    _DIALOG = {
        "title": _("Revoke this token?"),
        "description": _("Whatever uses it is refused from now on."),
        "form_class": None,
        "form_submit_text": _("Revoke"),
    }

    @action(
        description=_("Revoke"),
        icon="key_off",
        permissions=["revoke"],
        dialog=_DIALOG,
    )
    def revoke_row(
        self, request: HttpRequest, form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        return self._revoke(request, object_id)

    @action(
        description=_("Revoke"),
        icon="key_off",
        permissions=["revoke"],
        dialog=_DIALOG,
        variant=ActionVariant.DANGER,
    )
    def revoke_detail(
        self, request: HttpRequest, form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        return self._revoke(request, object_id)
