from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from cases import first_admin
from cases.models import Module


class Command(BaseCommand):
    help = "Brings tables, the first administrator and, where there is no case, the demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--demo-url", required=True, help="where the demo API is going to answer"
        )

    def handle(self, *, demo_url: str, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        if password := first_admin.create_first_admin():
            self.stdout.write(
                _("Log in as %(name)s with the password %(password)s (shown only now).")
                % {"name": first_admin.NAME, "password": password}
            )
        if not Module.objects.exists():
            call_command("load_demo", base_url=demo_url, stdout=self.stdout)
