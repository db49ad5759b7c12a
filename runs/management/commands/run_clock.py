from __future__ import annotations

import logging
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error, connections
from django.utils.translation import gettext as _

from runs import tasks

logger = logging.getLogger(__name__)

# django-q2's own sentinel schedules every 30 s.
SCHEDULE_S = 5


class Command(BaseCommand):
    help = _("Part of run_workers: looks after open runs and fires what is due.")

    def handle(self, *args: Any, **options: Any) -> None:
        every_s = min(settings.WATCH_S, SCHEDULE_S)
        watch_at = 0.0
        while True:
            try:
                tasks.fire_due_schedules()
                if time.monotonic() >= watch_at:
                    watch_at = time.monotonic() + settings.WATCH_S
                    tasks.watch()
            except Error:
                logger.exception("The database did not answer; again in %s s.", every_s)
            finally:
                # Nothing is held while nothing is done.
                connections.close_all()
            time.sleep(every_s)
