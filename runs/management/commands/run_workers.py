from __future__ import annotations

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from runs.keeper import AlreadyRunning, Keeper


class Command(BaseCommand):
    help = _("Starts the workers and keeps them running until SIGTERM or Ctrl-C.")
    # It opens no database connection; its children check for themselves.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--workers", type=int, default=settings.WORKERS, help=_("worker processes")
        )
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.CLUSTER_DIR,
            help=_("where the lock and the list of what runs are kept"),
        )

    def handle(self, *, workers: int, folder: Path, **options: Any) -> None:
        if workers < 1:
            raise CommandError(_("--workers %d: use 1 or more.") % workers, returncode=2)
        keeper = Keeper(folder, workers)
        signal.signal(signal.SIGTERM, keeper.stop)
        signal.signal(signal.SIGINT, keeper.stop)
        try:
            keeper.run()
        except AlreadyRunning as error:
            raise CommandError(str(error), returncode=3) from error
