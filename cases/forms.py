"""Forms of what testers write; the engine itself says what is wrong with a step."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.engine.spec import CaseSpec, StepSpec, pairs
from cases.engine.validate import Problem, problems
from cases.models import Case, DataSet, Environment, Module, Step, Variable
from cases.paths import module_paths
from cases.specs import step_spec
from cases.tables import (
    AssertionField,
    RowsField,
    TableField,
    extraction_columns,
    header_field,
    pair_columns,
    variable_columns,
)

_KNOWN_AUTH = {"basic": ("auth_username", "auth_password"), "bearer": ("auth_token",)}


class ByPath:
    """Offers modules by their paths, in the order of the tree."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"queryset": Module.objects.with_tree_fields(), **options})

    @cached_property
    def _paths(self) -> dict[int, str]:
        return module_paths()

    def label_from_instance(self, obj: Module) -> str:
        return self._paths.get(obj.pk, obj.name)


class ModuleField(ByPath, forms.ModelChoiceField):
    pass


class ModulesField(ByPath, forms.ModelMultipleChoiceField):
    pass


class StepForm(forms.ModelForm):
    params = TableField(columns=pair_columns, pairs=True, label=gettext_lazy("Parameters"))
    headers = header_field()
    body_fields = TableField(
        columns=pair_columns, pairs=True, label=gettext_lazy("Form fields")
    )
    extractions = TableField(columns=extraction_columns, label=gettext_lazy("Extractions"))
    assertions = AssertionField(label=gettext_lazy("Assertions"))

    class Meta:
        model = Step
        fields = (
            "position",
            "name",
            "method",
            "url",
            "params",
            "headers",
            "auth_kind",
            "auth_username",
            "auth_password",
            "auth_token",
            "body_kind",
            "body_text",
            "body_fields",
            "body_content_type",
            "extractions",
            "assertions",
            "follow_redirects",
            "max_redirects",
            "timeout_ms",
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        columns = {field.name for field in Step._meta.concrete_fields}
        step = Step(**{name: data[name] for name in columns & data.keys() - {"id"}})
        for problem in problems(step_spec(step)):
            self.add_error(self._field_of(problem, step), problem.message)
        self._check_deadline(step)
        return data

    def clean_body_text(self) -> str:
        """A box posts every line break as CR LF; the body has those that it had."""
        text: str = self.cleaned_data["body_text"].replace("\r\n", "\n")
        stored: str = self.instance.body_text
        return stored if stored.replace("\r\n", "\n") == text else text

    def _field_of(self, problem: Problem, step: Step) -> str | None:
        field = problem.field.partition(".")[0]
        if field == "body":
            field = "body_fields" if step.body_kind == Step.Body.FORM else "body_text"
        elif field == "auth":
            field = _KNOWN_AUTH.get(step.auth_kind, ("auth_kind",))[0]
        return field if field in self.fields else None

    def _check_deadline(self, step: Step) -> None:
        limit_ms = settings.CASE_TIMEOUT_S * 1000
        if step.timeout_ms and step.timeout_ms > limit_ms:
            self.add_error("timeout_ms", deadline_error(step.timeout_ms, limit_ms))


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
        )

    def add_prefix(self, field_name: str) -> str:
        # unfold takes a posted "dataset" for one of its own and saves nothing at all.
        return super().add_prefix("rows_of" if field_name == "dataset" else field_name)

    def clean_variables(self) -> Any:
        found: Any = self.cleaned_data["variables"]
        check_variables(found)
        return found


class VariableForm(forms.ModelForm):
    """A secret is written, never read: its box is empty, and an empty box keeps it."""

    class Meta:
        model = Variable
        fields = ("name", "kind", "value", "is_secret")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.had_secret = bool(self.instance.pk and self.instance.is_secret)
        typed = self.is_bound and bool(self.data.get(self.add_prefix("is_secret")))
        widget = self.fields["value"].widget
        widget.attrs |= {"rows": 1, "autocomplete": "off", "spellcheck": "false"}
        if self.had_secret or typed:
            self.fields["value"].widget = WriteOnly.of(widget)
            self.fields["value"].widget.attrs["placeholder"] = (
                _("not saved: type it again") if typed else _("(set)")
            )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        check_variables([[name, ""]])
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        opened = self.had_secret and not data.get("is_secret") and not data.get("value")
        if opened:
            self.add_error(
                "value", _("This was a secret, which nobody can read: type a value.")
            )
        return data


class WriteOnly(forms.Textarea):
    """A box that never shows what it stands for, not even what was typed a moment ago."""

    @classmethod
    def of(cls, widget: forms.Widget) -> WriteOnly:
        return cls(attrs=widget.attrs)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class EnvironmentForm(forms.ModelForm):
    headers = TableField(
        columns=pair_columns,
        pairs=True,
        label=gettext_lazy("Default headers"),
        help_text=gettext_lazy(
            "Sent with every request; a step's header of the same name wins."
        ),
    )

    class Meta:
        model = Environment
        fields = (
            "name",
            "base_url",
            "headers",
            "verify_tls",
            "ca_certificate",
            "proxy",
            "connect_timeout_ms",
        )

    def clean_base_url(self) -> str:
        url: str = self.cleaned_data["base_url"].strip()
        _refuse(problems(StepSpec(url=url)), "url")
        if "{{" not in url and urlsplit(url).scheme not in ("http", "https"):
            raise ValidationError(_("“%s” does not begin with http:// or https://.") % url)
        return url

    def clean_headers(self) -> Any:
        headers: Any = self.cleaned_data["headers"]
        _refuse(problems(StepSpec(headers=pairs(headers))), "headers")
        return headers

    def clean_proxy(self) -> str:
        proxy: str = self.cleaned_data["proxy"].strip()
        if proxy and "{{" not in proxy and "://" not in proxy:
            raise ValidationError(
                _("“%s” is not a proxy: it is written as http://host:port.") % proxy
            )
        return proxy

    def clean_ca_certificate(self) -> str:
        pem: str = self.cleaned_data["ca_certificate"].strip()
        if pem:
            try:
                x509.load_pem_x509_certificates(pem.encode())
            except ValueError as error:
                raise ValidationError(
                    _("This is not a certificate in PEM form: %s") % error
                ) from error
        return pem


class DataSetForm(forms.ModelForm):
    rows = RowsField(
        label=gettext_lazy("Rows"),
        help_text=gettext_lazy(
            "A case that uses this dataset runs once for each row. An empty cell leaves "
            "the variable out of the row; an empty text is written as two quotation marks."
        ),
    )

    class Meta:
        model = DataSet
        fields = ("name", "description", "rows")

    def clean_rows(self) -> Any:
        rows: Any = self.cleaned_data["rows"]
        check_variables([pair for row in rows for pair in row["values"]])
        return rows


def check_variables(values: list[list[Any]]) -> None:
    """Raises ValidationError for names and templates that the engine would refuse."""
    variables = tuple((str(name), value) for name, value in values)
    _refuse(problems(CaseSpec(name="", path="", steps=(), variables=variables)), "variables")


def deadline_error(asked_ms: int, limit_ms: int) -> str:
    return _(
        "A deadline of %(asked)s ms cannot be kept: CASE_TIMEOUT_S allows %(limit)s ms."
    ) % {"asked": asked_ms, "limit": limit_ms}


def _refuse(found: list[Problem], field: str) -> None:
    messages = [problem.message for problem in found if problem.field == field]
    if messages:
        raise ValidationError(messages)
