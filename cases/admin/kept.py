from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin


class KeepsWhatIsUsed(ModelAdmin):
    """For rows that others name: one in use is not deleted, and it is said by whom."""

    def refusals(self, rows: Iterable[Any]) -> list[str]:
        """Why some of these are not deleted: a sentence each."""
        raise NotImplementedError

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is not None and self.has_delete_permission(request, row):
            for sentence in self.refusals([row]):
                messages.error(request, sentence)
                options = self.opts
                return redirect(
                    f"admin:{options.app_label}_{options.model_name}_change", row.pk
                )
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(
        self, objs: Iterable[Model], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """The rows by name; those in use as protected ones."""
        rows = list(objs)
        missing = (
            set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        )
        counts = {str(self.opts.verbose_name_plural): len(rows)}
        return [str(row) for row in rows], counts, missing, self.refusals(rows)
