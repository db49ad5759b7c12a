from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from cases.importers.project import BadProject, Project
from cases.importers.tally import Tally
from cases.importers.testhub import parse
from runs.projects import save_project

PROJECT = Path(__file__).resolve().parents[3] / "demo" / "project.yaml"
WRITTEN_URL = "http://127.0.0.1:8001"  # what the file's base URLs begin with


class Command(BaseCommand):
    help = _("Loads the demo project. Loading it twice changes nothing.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--base-url",
            default=WRITTEN_URL,
            help=_("where the demo API answers (default: %(default)s)"),
        )

    def handle(self, *, base_url: str, **options: Any) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise CommandError(
                _("--base-url %s: use http://host:port.") % base_url, returncode=2
            )
        try:
            tally = load_demo(base_url)
        except BadProject as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(_("Demo project: %s.") % tally)


def load_demo(base_url: str) -> Tally:
    """Store the demo project with its environments at `base_url`."""
    return save_project(demo_project().at(WRITTEN_URL, base_url.rstrip("/")))


def demo_project() -> Project:
    """Raises BadProject if somebody broke the file."""
    return parse(PROJECT.read_text(encoding="utf-8"), PROJECT.name)
