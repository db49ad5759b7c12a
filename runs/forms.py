"""Forms around runs: where to run, plans, schedules, tokens."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
)

from cases.columns import variable_columns
from cases.forms import ModulesField, check_variables
from cases.models import Case, Environment, Module
from cases.tables import TableField
from runs.execution.selection import PlanError, Selection, default_environment
from runs.models import ApiToken, Plan, Schedule
from runs.schedules import default_zone


class EnvironmentField(forms.ModelChoiceField):
    """In which environment to run."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{
                "queryset": Environment.objects.all(),
                "label": gettext_lazy("Environment"),
                "widget": UnfoldAdminSelectWidget(),
                "empty_label": gettext_lazy("Select value"),
                **options,
            }
        )


class RunDialog(BaseDialogForm):
    """Asks where to run before a run is started; knows the default."""

    model: type[Model]
    environment = EnvironmentField()

    def __init__(
        self,
        request: HttpRequest,
        object_id: int | str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(request, object_id, *args, **kwargs)
        if object_id is not None:
            if not str(object_id).isdecimal():
                raise Http404
            found = get_object_or_404(self.model, pk=object_id)
            self.fields["environment"].initial = self.default(found.pk)

    def default(self, pk: int) -> Environment | None:
        raise NotImplementedError


class RunCaseDialog(RunDialog):
    model = Case

    def default(self, pk: int) -> Environment | None:
        return default_or_none(Selection(case_ids=(pk,)))


class RunModuleDialog(RunDialog):
    model = Module

    def default(self, pk: int) -> Environment | None:
        return default_or_none(Selection(module_ids=(pk,)))


class RunPlanDialog(RunDialog):
    model = Plan

    def default(self, pk: int) -> Environment | None:
        return Environment.objects.filter(plans=pk).first()


class RunSelectedForm(forms.Form):
    """The same question for what was ticked in a list."""

    environment = EnvironmentField()


class PlanForm(forms.ModelForm):
    modules = ModulesField(
        label=gettext_lazy("Modules"), required=False, widget=UnfoldAdminSelect2MultipleWidget
    )
    variables = TableField(
        columns=variable_columns,
        pairs=True,
        label=gettext_lazy("Variables"),
        help_text=gettext_lazy("They hide variables of environments and modules."),
    )

    class Meta:
        model = Plan
        fields = (
            "name",
            "description",
            "environment",
            "modules",
            "tags",
            "cases",
            "variables",
            "never_send_twice",
            "case_retries",
        )

    def clean_variables(self) -> Any:
        found: Any = self.cleaned_data["variables"]
        check_variables(found)
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not any(data.get(name) for name in ("modules", "tags", "cases")):
            raise forms.ValidationError(
                _("Select at least one module, tag or case: this plan runs nothing.")
            )
        return data


class ScheduleForm(forms.ModelForm):
    """The model judges the cron line and the zone."""

    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=lambda: [(zone, zone) for zone in sorted(available_timezones())],
        initial=default_zone,
        widget=UnfoldAdminSelect2Widget(),
    )

    class Meta:
        model = Schedule
        fields = ("plan", "cron", "time_zone", "is_active")


class TokenForm(forms.ModelForm):
    class Meta:
        model = ApiToken
        fields = ("name", "user", "expires_at")


def default_or_none(selection: Selection) -> Environment | None:
    try:
        return default_environment(selection)
    except PlanError:
        return None
