from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from cases.admin.variable import VariableInline
from cases.forms import EnvironmentForm
from cases.models import Environment


@admin.register(Environment)
class EnvironmentAdmin(ModelAdmin):
    list_display = ("name", "base_url", "tls", "proxy", "n_variables")
    list_per_page = 50
    search_fields = ("name", "base_url")
    form = EnvironmentForm
    change_form_before_template = "cases/environment_warning.html"
    warn_unsaved_form = True
    fieldsets = (
        (None, {"fields": ("name", "base_url", "headers")}),
        (
            _("Connection"),
            {
                "fields": (
                    "verify_tls",
                    "ca_certificate",
                    "client_certificate",
                    ("client_key", "http2"),
                    ("proxy", "connect_timeout_ms"),
                )
            },
        ),
    )
    inlines = (VariableInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Environment]:
        return super().get_queryset(request).annotate(n_variables=Count("variables"))

    @display(description="TLS", label={"off": "danger", "own": "info", "on": "success"})
    def tls(self, environment: Environment) -> tuple[str, str]:
        if not environment.verify_tls:
            return "off", _("not verified")
        if environment.ca_certificate:
            return "own", _("own authority")
        return "on", _("verified")

    @admin.display(description=_("variables"), ordering="n_variables")
    def n_variables(self, environment: Environment) -> int:
        return environment.n_variables
