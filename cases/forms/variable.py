from __future__ import annotations

from typing import Any

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext as _

from cases.forms.checks import check_variables
from cases.models import Variable


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


class GlobalVariableForm(VariableForm):
    def clean_name(self) -> str:
        name = super().clean_name()
        others = Variable.objects.filter(scope="global", name=name)
        if others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(twin_error())
        return name


class VariableFormSet(forms.BaseInlineFormSet):
    """All variables of one environment or module: their names are judged together."""

    def clean(self) -> None:
        super().clean()
        seen = set()
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            name = data.get("name")
            if not name or data.get(DELETION_FIELD_NAME):
                continue
            if name in seen:
                form.add_error("name", twin_error())
            seen.add(name)

    def save_existing_objects(self, commit: bool = True) -> list[Any]:
        """Names may be swapped, or taken from a variable that goes: first all are let go."""
        for form in self.initial_forms if commit else ():
            if {"name", DELETION_FIELD_NAME} & set(form.changed_data):
                pk = form.instance.pk
                Variable.objects.filter(pk=pk).update(name=f"~{pk}")  # no name looks so
        saved: list[Any] = super().save_existing_objects(commit)
        return saved


def twin_error() -> str:
    return _("There is a variable of that name here already.")


class WriteOnly(forms.Textarea):
    """A box that never shows what it stands for, not even what was typed a moment ago."""

    @classmethod
    def of(cls, widget: forms.Widget) -> WriteOnly:
        return cls(attrs=widget.attrs)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)
