"""Form fields for lists that stand in one JSON column: pairs, extractions, rows ..."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from cases import cells
from cases.columns import assertion_columns, extraction_columns, row_columns
from cases.engine.comparators import COMPARATORS
from cases.widgets import Column, DataTableWidget, TableWidget


class TableField(forms.Field):
    """A table whose rows become lists (`pairs`) or objects keyed by column.

    Rows that are left empty are dropped; an error names the row and the column.
    """

    def __init__(
        self, *, columns: Callable[[], Sequence[Column]], pairs: bool = False, **options: Any
    ) -> None:
        self._make_columns = columns
        self.pairs = pairs
        super().__init__(**{"required": False, "widget": TableWidget(()), **options})

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return tuple(self._make_columns())

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        # Late: labels are in the language of the request, and a form class has none.
        self.widget.columns = self.columns
        return super().get_bound_field(form, field_name)

    def prepare_value(self, value: Any) -> Any:
        """Stored rows as rows of cells; what was posted stays what it is."""
        if not isinstance(value, (list, tuple)):
            return value
        return json.dumps([self._show(row) for row in value])

    def to_python(self, value: Any) -> list[Any]:
        rows = self._parse(value)
        blank = [column.blank for column in self.columns]
        numbered = [(n, row) for n, row in enumerate(rows, 1) if row != blank]
        return [self._read(row, number) for number, row in numbered]

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != list(initial or []))
        except ValidationError:
            return True

    def _parse(self, value: Any) -> list[Any]:
        try:
            rows = json.loads(value or "[]")
        except (ValueError, RecursionError) as error:
            raise ValidationError(_("This is not a table: %s") % error) from error
        if not isinstance(rows, list) or not all(self._fits(row) for row in rows):
            raise ValidationError(
                _("This is not a table of %(count)s columns.") % {"count": len(self.columns)}
            )
        return rows

    def _fits(self, row: Any) -> bool:
        return (
            isinstance(row, list)
            and len(row) == len(self.columns)
            and all(
                isinstance(cell, bool if column.kind == "check" else str)
                for cell, column in zip(row, self.columns, strict=True)
            )
        )

    def _position(self, key: str) -> int:
        return [column.key for column in self.columns].index(key)

    def _show(self, row: Any) -> list[Any]:
        if not self.pairs:
            row = [row.get(column.key) for column in self.columns]
        return [_shown(cell, column) for cell, column in zip(row, self.columns, strict=True)]

    def _read(self, row: list[Any], number: int) -> Any:
        for cell, column in zip(row, self.columns, strict=True):
            if column.required and not cell.strip():
                raise ValidationError(
                    _("Row %(row)s: %(column)s is empty.")
                    % {"row": number, "column": column.label}
                )
        values = [_value(c, column) for c, column in zip(row, self.columns, strict=True)]
        if self.pairs:
            return values
        return dict(zip((column.key for column in self.columns), values, strict=True))


class ExtractionField(TableField):
    """A default makes an extraction optional: an empty cell is none, `null` is one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(columns=extraction_columns, **options)

    def _show(self, row: Any) -> list[Any]:
        shown = super()._show(row)
        if not row.get("optional"):
            shown[self._position("default")] = ""
        return shown

    def _read(self, row: list[Any], number: int) -> Any:
        read = super()._read(row, number)
        optional = bool(row[self._position("default")])
        return {**read, "optional": optional, "default": read["default"] if optional else None}


class AssertionField(TableField):
    """`expected` is there exactly when the comparator asks for it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(columns=assertion_columns, **options)

    def _read(self, row: list[Any], number: int) -> Any:
        read = super()._read(row, number)
        comparator = COMPARATORS.get(read["comparator"])
        if comparator and not comparator.needs_expected:
            return {**read, "expected": None}
        if not row[self._position("expected")]:
            raise ValidationError(
                _("Row %(row)s: “%(comparator)s” needs an expected value; an empty text is "
                  "written as two quotation marks.")
                % {"row": number, "comparator": comparator.label if comparator else ""}
            )  # fmt: skip
        return read


class RowsField(forms.Field):
    """The rows of a dataset: a name each, and variables that not every row must have."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": DataTableWidget(()), **options})

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        self.widget.columns = row_columns()
        return super().get_bound_field(form, field_name)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            return value
        names = list(dict.fromkeys(str(name) for row in value for name, _v in row["values"]))
        rows = [{str(name): cells.show(item) for name, item in row["values"]} for row in value]
        return json.dumps(
            {
                "columns": names,
                "rows": [
                    [row["name"], *(shown.get(name, "") for name in names)]
                    for row, shown in zip(value, rows, strict=True)
                ],
            }
        )

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        names, rows = self._parse(value)
        if "" in names or len(set(names)) < len(names):
            raise ValidationError(_("Every variable needs a name of its own."))
        return [self._read(row, names, n) for n, row in enumerate(rows, 1) if any(row)]

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != list(initial or []))
        except ValidationError:
            return True

    def _parse(self, value: Any) -> tuple[list[str], list[list[str]]]:
        try:
            table = json.loads(value or '{"columns": [], "rows": []}')
            names = [str(name).strip() for name in table["columns"]]
            rows = [[str(cell) for cell in row] for row in table["rows"]]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ValidationError(_("This is not a table: %s") % error) from error
        if any(len(row) != len(names) + 1 for row in rows):
            raise ValidationError(
                _("This is not a table of %(count)s columns.") % {"count": len(names) + 1}
            )
        return names, rows

    def _read(self, row: list[str], names: list[str], number: int) -> dict[str, Any]:
        name, *values = row
        if not name.strip():
            raise ValidationError(_("Row %(row)s has no name.") % {"row": number})
        return {
            "name": name.strip(),
            "values": [
                [key, cells.read(text)] for key, text in zip(names, values, strict=True) if text
            ],
        }


def _shown(cell: Any, column: Column) -> str | bool:
    if column.kind == "value":
        return cells.show(cell)
    if cell is None:  # imported without it: the engine's default is the column's
        return column.blank
    return bool(cell) if column.kind == "check" else str(cell)


def _value(cell: str | bool, column: Column) -> Any:
    if isinstance(cell, bool):
        return cell
    if column.kind == "value":
        return cells.read(cell)
    return cell.strip() if column.strip else cell
