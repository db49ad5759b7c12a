"""The module's pages with "Run now"."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from cases.admin.module import ModuleAdmin
from cases.models import Environment, Module
from runs import tasks
from runs.admin.run_now import RunSelected, run_now
from runs.choices import Trigger
from runs.execution.selection import Selection
from runs.forms import RunModuleDialog, default_or_none
from runs.models import Run

admin.site.unregister(Module)


@admin.register(Module)
class RunnableModuleAdmin(RunSelected, ModuleAdmin):
    actions = ("run_selected",)
    actions_row = ("run_row",)
    actions_detail = ("run_detail",)

    run_row = run_now(RunModuleDialog, "run_row", "run")
    run_detail = run_now(RunModuleDialog, "run_detail", "run")

    def has_run_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("cases.run_case")

    def start(self, request: HttpRequest, environment: Environment, ids: list[int]) -> Run:
        return tasks.start_run(
            Selection(module_ids=tuple(ids)),
            trigger=Trigger.ADMIN,
            environment=environment,
            user=request.user,
        )

    def default_environment(self, ids: list[int]) -> Environment | None:
        return default_or_none(Selection(module_ids=tuple(ids)))
