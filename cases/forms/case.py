from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from cases import schemas
from cases.attachments import missing_attachments
from cases.auth_field import AuthField
from cases.columns import pair_columns, part_columns, variable_columns
from cases.engine.resend import REASONS
from cases.engine.validate import Problem, problems
from cases.forms.checks import check_variables, deadline_error
from cases.forms.fields import ModuleField
from cases.models import Case, Step
from cases.specs import step_spec
from cases.tables import AssertionField, ExtractionField, TableField

_FIELDS = {"resend": "resend_times", "poll": "poll_for_ms"}
_BODY_FIELDS = {
    "form": "body_fields",
    "multipart": "body_parts",
    "attachment": "body_attachment",
}


def reason_choices() -> list[tuple[str, str]]:
    """In the language of the request."""
    return [(name, _(reason.label)) for name, reason in REASONS.items()]


class StepForm(forms.ModelForm):
    path_params = TableField(
        columns=pair_columns,
        pairs=True,
        label=gettext_lazy("Path variables"),
        help_text=gettext_lazy("For {name} and :name in the path of the URL."),
    )
    params = TableField(columns=pair_columns, pairs=True, label=gettext_lazy("Parameters"))
    headers = TableField(columns=pair_columns, pairs=True, label=gettext_lazy("Headers"))
    body_fields = TableField(
        columns=pair_columns, pairs=True, label=gettext_lazy("Form fields")
    )
    cookies = TableField(columns=pair_columns, pairs=True, label=gettext_lazy("Cookies"))
    auth = AuthField(label=gettext_lazy("Auth"))
    body_parts = TableField(columns=part_columns, label=gettext_lazy("Parts"))
    resend_on = forms.MultipleChoiceField(
        choices=reason_choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label=gettext_lazy("Send again after"),
    )
    extractions = ExtractionField(label=gettext_lazy("Extractions"))
    assertions = AssertionField(label=gettext_lazy("Assertions"))

    class Meta:
        model = Step
        fields = (
            "position",
            "name",
            "method",
            "url",
            "path_params",
            "params",
            "headers",
            "cookies",
            "auth",
            "body_kind",
            "body_text",
            "body_fields",
            "body_parts",
            "body_variables",
            "body_attachment",
            "body_content_type",
            "extractions",
            "assertions",
            "inherit_headers",
            "inherit_assertions",
            "follow_redirects",
            "max_redirects",
            "timeout_ms",
            "first_byte_ms",
            "delay_ms",
            "poll_for_ms",
            "poll_every_ms",
            "resend_times",
            "resend_pause_ms",
            "resend_on",
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        columns = {field.name for field in Step._meta.concrete_fields}
        step = Step(**{name: data[name] for name in columns & data.keys() - {"id"}})
        spec = step_spec(step)
        for problem in (*problems(spec, schemas.named_by(spec)), *missing_attachments(spec)):
            self.add_error(self._field_of(problem, step), problem.message)
        self._check_deadline(step)
        return data

    def clean_body_text(self) -> str:
        return self._typed("body_text")

    def clean_body_variables(self) -> str:
        return self._typed("body_variables")

    def _typed(self, name: str) -> str:
        """A box posts every line break as CR LF; the text has those that it had."""
        text: str = self.cleaned_data[name].replace("\r\n", "\n")
        stored: str = getattr(self.instance, name)
        return stored if stored.replace("\r\n", "\n") == text else text

    def _field_of(self, problem: Problem, step: Step) -> str | None:
        field = problem.field.partition(".")[0]
        if field == "body":
            field = _BODY_FIELDS.get(step.body_kind, "body_text")
        field = _FIELDS.get(field, field)
        return field if field in self.fields else None

    def _check_deadline(self, step: Step) -> None:
        limit_ms = settings.CASE_TIMEOUT_S * 1000
        if step.timeout_ms and step.timeout_ms > limit_ms:
            self.add_error("timeout_ms", deadline_error(step.timeout_ms, limit_ms))
        if (waiting_ms := step.delay_ms + step.poll_for_ms) > limit_ms:
            field = "poll_for_ms" if step.poll_for_ms else "delay_ms"
            self.add_error(field, deadline_error(waiting_ms, limit_ms))


class StepFormSet(forms.BaseInlineFormSet):
    """Steps cannot have more time than the case that they are a part of."""

    def clean(self) -> None:
        super().clean()
        limit_ms = self.instance.timeout_ms
        for form in self.forms:
            asked = getattr(form, "cleaned_data", {}).get("timeout_ms")
            if limit_ms and asked and asked > limit_ms and not form.errors:
                form.add_error(
                    "timeout_ms",
                    _("A deadline of %(asked)s ms cannot be kept: the case has %(limit)s ms.")
                    % {"asked": asked, "limit": limit_ms},
                )


class CaseForm(forms.ModelForm):
    module = ModuleField(label=gettext_lazy("Module"))
    variables = TableField(
        columns=variable_columns, pairs=True, label=gettext_lazy("Variables")
    )

    class Meta:
        model = Case
        fields = (
            "module",
            "name",
            "description",
            "is_active",
            "priority",
            "tags",
            "owner",
            "variables",
            "dataset",
            "timeout_ms",
            "retries",
            "retry_pause_ms",
        )

    def add_prefix(self, field_name: str) -> str:
        # unfold takes a posted "dataset" for one of its own and saves nothing at all.
        return super().add_prefix("rows_of" if field_name == "dataset" else field_name)

    def clean_variables(self) -> Any:
        found: Any = self.cleaned_data["variables"]
        check_variables(found)
        return found
