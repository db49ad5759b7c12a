from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RunsConfig(AppConfig):
    name = "runs"
    verbose_name = _("What happened")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from runs import checks, database_checks, probe, tasks  # noqa: F401  registers checks

        probe.connect()
        post_migrate.connect(tasks.install_own, sender=self)
