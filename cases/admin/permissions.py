"""Permissions in the reader's language: Django stores their names in English."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.options import ModelAdmin
from django.contrib.auth.models import Permission
from django.db.models import ManyToManyField
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

VERBS = {"add": _("add"), "change": _("change"), "delete": _("delete"), "view": _("view")}
# By codename, as the models' Meta.permissions name them.
OURS = {
    "run_case": _("Can run cases"),
    "run_plan": _("Can run plans"),
    "cancel_run": _("Can cancel runs"),
}


class PermissionsField(ModelMultipleChoiceField):
    def label_from_instance(self, permission: Permission) -> str:
        """As in "What is tested | case | delete"."""
        verb, _underscore, model = permission.codename.partition("_")
        if verb in VERBS and model == permission.content_type.model:
            can = VERBS[verb]
        else:
            can = OURS.get(permission.codename, permission.name)
        return f"{permission.content_type} | {can}"


class NamesPermissions(ModelAdmin):
    """For the pages of users and groups, on which permissions are chosen."""

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.related_model is Permission:
            kwargs["form_class"] = PermissionsField
        return super().formfield_for_manytomany(db_field, request, **kwargs)
