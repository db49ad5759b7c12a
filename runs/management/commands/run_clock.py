from __future__ import annotations

import logging
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error, connections
from django.utils.translation import gettext as _

from runs import signs, tasks

logger = logging.getLogger(__name__)

# django-q2's own sentinel schedules every 30 s.
SCHEDULE_S = 5


class Command(BaseCommand):
    help = _("Part of run_workers: looks after open runs and fires what is due.")

    def handle(self, *args: Any, **options: Any) -> None:
        every_s = min(settings.WATCH_S, SCHEDULE_S)
        watch_at, known = 0.0, None
        own = signs.of_this_process()
        while True:
            cluster = own.came_round() if own else None
            try:
                tasks.fire_due_schedules()
                # What a cluster had taken from the queue went with it.
                is_new = cluster != known
                if is_new or time.monotonic() >= watch_at:
                    tasks.watch(all_hints=is_new)
                    watch_at, known = time.monotonic() + settings.WATCH_S, cluster
            except Error:
                logger.exception("The database did not answer; again in %s s.", every_s)
            finally:
                # Nothing is held while nothing is done.
                connections.close_all()
            time.sleep(every_s)
