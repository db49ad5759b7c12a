from __future__ import annotations

from typing import Any

from django.db.models import Field
from django.forms import Field as FormField
from django.http import HttpRequest
from unfold.admin import StackedInline

from cases.columns import ATTACHMENT_NAMES
from cases.forms import StepForm, StepFormSet
from cases.models import Case, Step


class StepInline(StackedInline):
    """Everything below a step is a JSON table: inlines in inlines lose what was typed."""

    model = Step
    form = StepForm
    formset = StepFormSet
    extra = 0
    collapsible = True
    ordering_field = "position"
    hide_ordering_field = True
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("method", "name"),
                    "url",
                    "path_params",
                    "params",
                    "headers",
                    "cookies",
                    "auth",
                    "body_kind",
                    "body_attachment",
                    "body_content_type",
                    "body_text",
                    "body_variables",
                    "body_fields",
                    "body_parts",
                    "assertions",
                    "extractions",
                    ("inherit_headers", "inherit_assertions"),
                    ("follow_redirects", "max_redirects"),
                    ("timeout_ms", "first_byte_ms"),
                    "delay_ms",
                    ("poll_for_ms", "poll_every_ms"),
                    ("resend_times", "resend_pause_ms"),
                    "resend_on",
                    "position",
                )
            },
        ),
    )

    def get_extra(self, request: HttpRequest, obj: Case | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> FormField | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "method":
            field.widget.attrs["list"] = "th-methods"
        if field and db_field.name == "body_attachment":
            field.widget.attrs["list"] = ATTACHMENT_NAMES
        if field and db_field.name in ("body_text", "body_variables"):
            rows = 6 if db_field.name == "body_text" else 3
            field.widget.attrs |= {"rows": rows, "spellcheck": "false"}
            field.widget.attrs["class"] += " th-code"
        return field
