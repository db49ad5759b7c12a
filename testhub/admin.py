"""The console's shell: its sidebar and its search. Both show what one may open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from unfold.dataclasses import SearchResult

from cases.models import Case, Module
from runs.models import Plan

FOUND_OF_A_KIND = 20

admin.site.index_title = _("Dashboard")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Entries as unfold wants them."""
    return [
        {
            "items": [
                {
                    "title": _("Dashboard"),
                    "icon": "dashboard",
                    "link": reverse_lazy("admin:index"),
                }
            ]
        },
        {
            "title": _("Write"),
            "separator": True,
            "items": [
                _entry(_("Modules"), "account_tree", "cases", "module"),
                _entry(_("Cases"), "lab_profile", "cases", "case"),
                _entry(_("Datasets"), "table_rows", "cases", "dataset"),
                _entry(_("Attachments"), "attach_file", "cases", "attachment"),
                _entry(_("JSON Schemas"), "schema", "cases", "schema"),
                _entry(_("Environments"), "dns", "cases", "environment"),
                _entry(_("Global variables"), "data_object", "cases", "variable"),
                _entry(_("Tags"), "sell", "cases", "tag"),
            ],
        },
        {
            "title": _("Run"),
            "separator": True,
            "items": [
                _entry(_("Plans"), "checklist", "runs", "plan"),
                _entry(_("Schedules"), "schedule", "runs", "schedule"),
                _entry(_("Runs"), "play_circle", "runs", "run"),
                _entry(_("Results"), "fact_check", "runs", "result"),
                _entry(_("Channels"), "campaign", "runs", "channel"),
                _entry(_("Deliveries"), "outgoing_mail", "runs", "delivery"),
            ],
        },
        {
            "title": _("Administration"),
            "separator": True,
            "items": [
                _entry(_("Users"), "person", "cases", "user"),
                _entry(_("Groups"), "group", "auth", "group"),
                _entry(_("API tokens"), "key", "runs", "apitoken"),
                *_queue(),
                _entry(_("Failed tasks"), "sms_failed", "django_q", "failure", _is_superuser),
            ],
        },
    ]


def search(request: HttpRequest, word: str) -> list[SearchResult]:
    """Cases, modules and plans by a part of their name, for the palette (Ctrl K)."""
    found = []
    for model in (Case, Module, Plan):
        name = f"{model._meta.app_label}.view_{model._meta.model_name}"
        if request.user.has_perm(name):
            rows = model._default_manager.filter(name__icontains=word).order_by("name")
            found += [_found(row) for row in rows[:FOUND_OF_A_KIND]]
    return found


def _found(row: Model) -> SearchResult:
    options = row._meta
    url = f"admin:{options.app_label}_{options.model_name}_change"
    return SearchResult(
        title=str(row),
        description=str(options.verbose_name),
        link=reverse(url, args=[row.pk]),
        icon="arrow_forward",
    )


def _queue() -> list[dict[str, Any]]:
    """With a broker of its own the queue is not in the database."""
    if settings.BROKER_URL:
        return []
    return [_entry(_("Queue"), "queue", "django_q", "ormq", _is_superuser)]


def _entry(
    title: Any,
    icon: str,
    app: str,
    model: str,
    allowed: Callable[[HttpRequest], bool] | None = None,
) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{model}_changelist"),
        "permission": allowed or _may_view(app, model),
    }


def _may_view(app: str, model: str) -> Callable[[HttpRequest], bool]:
    def allowed(request: HttpRequest) -> bool:
        return any(
            request.user.has_perm(f"{app}.{verb}_{model}") for verb in ("view", "change")
        )

    return allowed


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)
