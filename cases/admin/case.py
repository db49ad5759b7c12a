from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter
from unfold.decorators import display
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminSelectWidget

from cases.admin.step import StepInline
from cases.forms import CaseForm
from cases.models import Attachment, Case, Module
from cases.paths import module_paths
from cases.specs import refresh

OUTCOME_LABELS = {
    "passed": "success",
    "failed": "danger",
    "error": "warning",
    "skipped": "default",
    "blocked": "info",
}
OUTCOME_WORDS = {
    "passed": _("passed"),
    "failed": _("failed"),
    "error": _("error"),
    "skipped": _("skipped"),
    "blocked": _("blocked"),
}


class ModuleFilter(DropdownFilter):
    """Cases of a module and of everything below it."""

    title = _("module")
    parameter_name = "module"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[int, str]]:
        return sorted(module_paths().items(), key=lambda item: item[1].split("/"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not (self.value() or "").isdecimal():
            return queryset
        chosen = Module.objects.filter(pk=self.value())
        found: QuerySet[Any] = queryset.in_modules(chosen)
        return found


class LastOutcomeFilter(DropdownFilter):
    """In words: the column holds the outcome as the engine writes it."""

    title = _("last outcome")
    parameter_name = "last_outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(OUTCOME_WORDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.value()
        return queryset.filter(last_outcome=asked) if asked in OUTCOME_WORDS else queryset


@admin.register(Case)
class CaseAdmin(ModelAdmin):
    list_display = (
        "name",
        "path",
        "shown_priority",
        "n_steps",
        "tag_names",
        "shown_outcome",
        "shown_last_run",
        "is_active",
    )
    list_display_links = ("name",)
    list_filter = (
        ModuleFilter,
        ("tags", RelatedDropdownFilter),
        LastOutcomeFilter,
        "priority",
        "is_active",
    )
    list_filter_submit = True
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    search_fields = ("name", "description", "steps__url")
    form = CaseForm
    save_as = True
    warn_unsaved_form = True
    autocomplete_fields = ("tags", "owner", "dataset")
    change_form_before_template = "cases/lists.html"
    fieldsets = (
        (None, {"fields": (("module", "name"), "description")}),
        (
            _("Options"),
            {
                "classes": ("collapse",),
                "fields": (
                    ("priority", "is_active"),
                    ("retries", "retry_pause_ms"),
                    ("timeout_ms", "dataset"),
                    ("tags", "owner"),
                    "variables",
                ),
            },
        ),
    )
    inlines = (StepInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        found = super().get_queryset(request).prefetch_related("tags")
        return found.annotate(n_steps=Count("steps"))

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """One more query for the page: the paths of the modules."""
        page = super().get_changelist_instance(request)
        paths = module_paths()
        for case in page.result_list:
            case.shown_path = paths[case.module_id]
        return page

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[ModelForm]:
        form = super().get_form(request, *args, **kwargs)
        form.base_fields["module"].widget = UnfoldAdminSelectWidget()
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        names = Attachment.objects.values_list("name", flat=True)
        context = {"attachment_names": names, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        """Its steps are saved: now the case can be compiled."""
        super().save_related(request, form, formsets, change)
        refresh(Case.objects.filter(pk=form.instance.pk))

    @admin.display(description=_("module"), ordering="module__name")
    def path(self, case: Case) -> str:
        return case.shown_path

    @admin.display(description=_("priority"), ordering="priority")
    def shown_priority(self, case: Case) -> str:
        return case.get_priority_display()

    @admin.display(description=_("steps"), ordering="n_steps")
    def n_steps(self, case: Case) -> int:
        return case.n_steps

    @admin.display(description=_("tags"))
    def tag_names(self, case: Case) -> str:
        return ", ".join(tag.name for tag in case.tags.all())

    @display(description=_("last outcome"), ordering="last_outcome", label=OUTCOME_LABELS)
    def shown_outcome(self, case: Case) -> tuple[str, Any]:
        return case.last_outcome, OUTCOME_WORDS.get(case.last_outcome, "")

    @admin.display(description=_("last run"), ordering="last_run_at")
    def shown_last_run(self, case: Case) -> str:
        if case.last_run_at is None:
            return "–"
        at = timezone.localtime(case.last_run_at)
        return format_html('<span class="th-nowrap">{}</span>', f"{at:%Y-%m-%d %H:%M}")
