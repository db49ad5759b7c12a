"""The action "Run now" of cases, modules and plans."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.options import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from cases.models import Environment
from runs.execution.selection import PlanError
from runs.forms import RunDialog, RunSelectedForm
from runs.models import Run


def run_now(dialog: type[RunDialog], name: str, permission: str) -> Any:
    """An action with a dialog for one object; calls `start(request, environment, ids)`."""

    def act(self: Any, request: HttpRequest, form: RunDialog, object_id: str) -> HttpResponse:
        environment = form.cleaned_data["environment"]
        try:
            run = self.start(request, environment, [int(object_id)])
        except PlanError as error:
            messages.error(request, str(error))
            page = request.headers.get("HX-Current-URL") or request.path
            return HttpResponse(headers={"HX-Redirect": page})
        return HttpResponse(headers={"HX-Redirect": run_page(run)})

    # unfold tells actions apart by the names of their functions
    act.__name__ = name
    return action(
        description=_("Run now"),
        icon="play_arrow",
        permissions=[permission],
        dialog={
            "title": _("Run now"),
            "description": "",
            "form_class": dialog,
            "form_submit_text": _("Start"),
        },
    )(act)


class RunSelected(ModelAdmin):
    """The action for what is ticked in a list: asks where on a page of its own."""

    def has_run_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        raise NotImplementedError

    def start(self, request: HttpRequest, environment: Environment, ids: list[int]) -> Run:
        """Start one run of these objects. Raises `PlanError`."""
        raise NotImplementedError

    def default_environment(self, ids: list[int]) -> Environment | None:
        raise NotImplementedError

    @action(description=_("Run selected now"), permissions=["run"])
    def run_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        ids = list(queryset.order_by().values_list("pk", flat=True))
        asked = "apply" in request.POST
        form = RunSelectedForm(
            request.POST if asked else None,
            initial={"environment": self.default_environment(ids)},
        )
        if asked and form.is_valid():
            try:
                run = self.start(request, form.cleaned_data["environment"], ids)
            except PlanError as error:
                form.add_error(None, str(error))
            else:
                return HttpResponseRedirect(run_page(run))
        return TemplateResponse(
            request,
            "runs/run_selected.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Run selected now"),
                "opts": self.model._meta,
                "form": form,
                "n_selected": len(ids),
                "kept": self._kept(request),
            },
        )

    def _kept(self, request: HttpRequest) -> list[tuple[str, str]]:
        """What the list sent, so that the second question comes with the selection."""
        names = ("action", "select_across", helpers.ACTION_CHECKBOX_NAME)
        return [(name, value) for name in names for value in request.POST.getlist(name)]


def run_page(run: Run) -> str:
    return reverse("admin:runs_run_change", args=[run.pk])
