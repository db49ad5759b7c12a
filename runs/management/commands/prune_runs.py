from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from runs.retention import prune


class Command(BaseCommand):
    help = _("Deletes what is older than RETENTION_* says; also done every night.")

    def handle(self, *args: Any, **options: Any) -> None:
        pruned = prune(timezone.now())
        self.stdout.write(
            _(
                "Deleted: %(attempts)d attempts, %(results)d results, %(runs)d runs, "
                "%(contents)d contents of attachments."
            )
            % {
                "attempts": pruned.n_attempts,
                "results": pruned.n_results,
                "runs": pruned.n_runs,
                "contents": pruned.n_contents,
            }
        )
