from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from cases.models import Module


class Command(BaseCommand):
    help = _("Brings tables, the first administrator and, where all is empty, the demo.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo-url", required=True)

    def handle(self, *, demo_url: str, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("create_admin", stdout=self.stdout, stderr=self.stderr)
        if not Module.objects.exists():
            call_command("load_demo", base_url=demo_url, stdout=self.stdout)
