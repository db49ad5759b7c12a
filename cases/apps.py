from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _("What is tested")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings

        from cases.engine import guard
        from cases.engine.functions import load_functions

        load_functions(settings.FUNCTION_MODULES)
        guard.rule(settings.DENIED_TARGETS, settings.ALLOWED_TARGETS)
