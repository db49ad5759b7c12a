from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from cases.forms.checks import check_variables
from cases.models import DataSet
from cases.tables import RowsField


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
