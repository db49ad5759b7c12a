"""What django-q2 keeps in the database, to be looked at by superusers and by nobody else.

Its own pages can run any Python function, so they are taken away: plans and schedules
are ours, and what goes through the queue is only hints.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

for model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class LookOnly(ModelAdmin):
    list_per_page = 50
    show_full_result_count = False
    paginator = InfinitePaginator
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class QueueAdmin(LookOnly):
    """Hints that no worker has taken yet."""

    list_display = ("id", "key", "func", "args", "lock")
    fields = ("key", "lock", "task_id", "name", "func", "args", "kwargs")
    ordering = ("id",)


@admin.register(Failure)
class FailureAdmin(LookOnly):
    list_display = ("func", "args", "started", "stopped", "first_line")
    fields = ("id", "name", "func", "args", "kwargs", "started", "stopped", "result")
    ordering = ("-stopped",)

    @admin.display(description=_("error"))
    def first_line(self, task: Failure) -> str:
        text = str(task.result or "").strip()
        return text.partition("\n")[0][:200]


if not settings.BROKER_URL:  # else the queue is not in the database
    admin.site.register(OrmQ, QueueAdmin)
