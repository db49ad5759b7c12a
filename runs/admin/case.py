"""The case's pages with what only `runs` knows: "Run now", and what came of it before."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from cases.admin.case import CaseAdmin
from cases.models import Case, Environment
from runs import tasks
from runs.admin.run_now import RunSelected, run_now
from runs.choices import Trigger
from runs.execution.selection import Selection
from runs.forms import RunCaseDialog, default_or_none
from runs.models import Result, Run

RECENT = 10

# An import never points back, so `cases` registers pages that can be read and written,
# and here they learn to run.
admin.site.unregister(Case)


@admin.register(Case)
class RunnableCaseAdmin(RunSelected, CaseAdmin):
    actions = ("run_selected",)
    actions_row = ("run_row",)
    actions_detail = ("run_detail",)
    change_form_outer_after_template = "runs/case_results.html"

    run_row = run_now(RunCaseDialog, "run_row", "run")
    run_detail = run_now(RunCaseDialog, "run_detail", "run")

    def has_run_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("cases.run_case")

    def start(self, request: HttpRequest, environment: Environment, ids: list[int]) -> Run:
        return tasks.start_run(
            Selection(case_ids=tuple(ids)),
            trigger=Trigger.ADMIN,
            environment=environment,
            user=request.user,
        )

    def default_environment(self, ids: list[int]) -> Environment | None:
        return default_or_none(Selection(case_ids=tuple(ids)))

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if object_id.isdecimal() and request.user.has_perm("runs.view_result"):
            results = Result.objects.filter(case_id=object_id).select_related("run")
            context = {
                "recent_results": results.order_by("-pk")[:RECENT],
                "results_title": _("Last results"),
            }
            kwargs["extra_context"] = {**(kwargs.get("extra_context") or {}), **context}
        return super().change_view(request, object_id, *args, **kwargs)
