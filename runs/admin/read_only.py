from __future__ import annotations

from typing import Any

from django.contrib.admin.options import ModelAdmin
from django.http import HttpRequest


class TakesHistoryAlong(ModelAdmin):
    """Whoever may delete one of these may delete the history that goes with it."""

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What the confirmation lists: not every result and attempt below, one by one."""
        names = [str(obj) for obj in objs]
        missing = set()
        if not self.has_delete_permission(request):
            missing.add(str(self.opts.verbose_name))
        return names, {str(self.opts.verbose_name_plural): len(names)}, missing, []


class ReadOnly(TakesHistoryAlong):
    """History: nobody writes it by hand; it can be deleted by those who may."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
