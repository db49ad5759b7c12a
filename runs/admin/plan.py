from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from cases.models import Environment
from runs import tasks
from runs.admin.run_now import RunSelected, run_now, run_page
from runs.choices import Trigger
from runs.execution.selection import PlanError
from runs.forms import PlanForm, RunPlanDialog
from runs.models import Plan, Run
from runs.templatetags.outcomes import state


@admin.register(Plan)
class PlanAdmin(RunSelected, ModelAdmin):
    list_display = ("name", "environment", "n_schedules", "last_run")
    list_select_related = ("environment",)
    list_per_page = 50
    search_fields = ("name", "description")
    form = PlanForm
    autocomplete_fields = ("tags", "cases")
    warn_unsaved_form = True
    fieldsets = (
        (None, {"fields": (("name", "environment"), "description")}),
        (_("What it runs"), {"fields": ("modules", "tags", "cases")}),
        (_("Options"), {"fields": ("variables", ("case_retries", "never_send_twice"))}),
    )
    actions = ("run_selected",)
    actions_row = ("run_row",)
    actions_detail = ("run_detail",)

    run_row = run_now(RunPlanDialog, "run_row", "run")
    run_detail = run_now(RunPlanDialog, "run_detail", "run")

    def has_run_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("runs.run_plan")

    def start(self, request: HttpRequest, environment: Environment, ids: list[int]) -> Run:
        plans = list(Plan.objects.filter(pk__in=ids))
        if not plans:
            raise PlanError(_("There is no such plan."))
        for plan in plans:
            run = tasks.start_plan(
                plan,
                trigger=Trigger.ADMIN,
                environment=environment,
                user=request.user,
            )
        return run

    def default_environment(self, ids: list[int]) -> Environment | None:
        return Environment.objects.filter(plans__in=ids).first()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        last = Run.objects.filter(plan=OuterRef("pk")).order_by("-pk").values("pk")[:1]
        return (
            super()
            .get_queryset(request)
            .annotate(n_schedules=Count("schedules"), last_run_id=Subquery(last))
        )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """One more query for the page: the last run of each plan on it."""
        page = super().get_changelist_instance(request)
        runs = Run.objects.in_bulk(
            [plan.last_run_id for plan in page.result_list if plan.last_run_id]
        )
        for plan in page.result_list:
            plan.newest = runs.get(plan.last_run_id)
        return page

    @admin.display(description=_("schedules"), ordering="n_schedules")
    def n_schedules(self, plan: Plan) -> int:
        return plan.n_schedules

    @admin.display(description=_("last run"))
    def last_run(self, plan: Plan) -> str:
        if plan.newest is None:
            return "–"
        return format_html('<a href="{}">{}</a>', run_page(plan.newest), state(plan.newest))
