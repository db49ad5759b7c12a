from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases import schemas, uses
from cases.admin.kept import KeepsWhatIsUsed
from cases.forms import SchemaForm
from cases.models import Schema, SchemaUse


@admin.register(Schema)
class SchemaAdmin(KeepsWhatIsUsed):
    list_display = ("name", "description", "n_cases")
    list_per_page = 50
    list_max_show_all = 50
    search_fields = ("name", "description")
    form = SchemaForm
    warn_unsaved_form = True
    fields = ("name", "description", "text")
    readonly_fields = ("used_by",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Schema]:
        rows = SchemaUse.objects.filter(name=OuterRef("name")).order_by().values("name")
        counted = Subquery(rows.annotate(n=Count("pk")).values("n"))
        return super().get_queryset(request).annotate(n_cases=Coalesce(counted, 0))

    def get_fields(self, request: HttpRequest, obj: Schema | None = None) -> Any:
        return self.fields if obj is None else [*self.fields, *self.readonly_fields]

    def save_model(
        self, request: HttpRequest, obj: Schema, form: ModelForm, change: bool
    ) -> None:
        schemas.save(obj)

    def refusals(self, rows: Iterable[Schema]) -> list[str]:
        return [
            gettext("“%(name)s” is not deleted: it is used by %(users)s.")
            % {"name": name, "users": uses.in_words(used_by)}
            for name, used_by in schemas.users(row.name for row in rows).items()
        ]

    def delete_model(self, request: HttpRequest, obj: Schema) -> None:
        schemas.delete([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Schema]) -> None:
        schemas.delete(queryset)

    @admin.display(description=_("cases"), ordering="n_cases")
    def n_cases(self, schema: Schema) -> int:
        return schema.n_cases

    @admin.display(description=_("used by"))
    def used_by(self, schema: Schema) -> SafeString | str:
        cases = uses.users(SchemaUse, [schema.name]).get(schema.name, {})
        others = schemas.referring_to([schema.name]).get(schema.name, {})
        links = [
            *(
                (reverse("admin:cases_schema_change", args=[pk]), name)
                for pk, name in others.items()
            ),
            *(
                (reverse("admin:cases_case_change", args=[pk]), path)
                for pk, path in cases.items()
            ),
        ]
        return format_html_join(", ", '<a class="th-link" href="{}">{}</a>', links) or "–"
