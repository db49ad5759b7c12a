"""Editors for JSON tables: `static/testhub/json-table.js` draws them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.engine.auth.kinds import AUTH_KINDS, AuthKind

Words = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One entry of a dropdown.

    `off` names the columns that it has no use for, `lists` those whose cell then is a name
    of a <datalist>, with the id of that.
    """

    value: str
    label: Words
    title: Words = ""
    off: tuple[str, ...] = ()
    lists: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """*text* is one line, *long* may have more, *value* is any JSON value (`cases.cells`)."""

    key: str
    label: Words
    kind: Literal["text", "long", "value", "check", "choice"] = "text"
    choices: tuple[Choice, ...] = ()
    placeholder: Words = ""
    required: bool = False
    strip: bool = False  # what goes on the wire is kept as it was typed

    @property
    def blank(self) -> str | bool:
        """The cell of a new row."""
        if self.kind == "check":
            return False
        return self.choices[0].value if self.choices else ""

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "blank": self.blank}


class TableWidget(forms.Textarea):
    """A textarea of JSON that becomes a table with a row per entry."""

    template_name = "cases/table_widget.html"
    element = "json-table"

    def __init__(self, columns: Sequence[Column], attrs: dict[str, Any] | None = None) -> None:
        self.columns = tuple(columns)
        super().__init__(attrs)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {
            "element": self.element,
            "columns": _as_json([column.to_dict() for column in self.columns]),
            "words": _as_json(WORDS),
        }
        return context


class DataTableWidget(TableWidget):
    """The same with columns that the tester names."""

    element = "data-table"


class AuthWidget(TableWidget):
    """A scheme and its fields, one below the other; `static/testhub/auth-editor.js`."""

    element = "auth-editor"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__((), attrs)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["columns"] = _as_json([_scheme(*item) for item in AUTH_KINDS.items()])
        return context


def _scheme(name: str, kind: AuthKind) -> dict[str, Any]:
    fields = [{**asdict(field), "label": _now(field.label)} for field in kind.fields]
    words = {"label": _now(kind.label), "description": _now(kind.description)}
    return {"name": name, **words, "fields": fields}


WORDS = {
    "add": _("Add row"),
    "remove": _("Remove row"),
    "up": _("Move up"),
    "down": _("Move down"),
    "column": _("Variable"),
    "addColumn": _("Add variable"),
    "removeColumn": _("Remove variable"),
    "auth": _("Auth"),
}


def _as_json(value: Any) -> str:
    return json.dumps(value, default=str)  # str: resolves lazy translations
