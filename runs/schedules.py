"""When a schedule is next due: pure arithmetic on cron lines and time zones."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from croniter import CroniterError, croniter
from django.conf import settings
from django.utils.translation import gettext as _

# What every cron knows. croniter's own additions (R, H, L, #, @daily) are left out, and so
# are its sixth and seventh field: a slot starts up to 31 s late, seconds mean nothing.
_NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat"
_FIELD = re.compile(rf"(?:[0-9*/,\-]|{_NAMES})+", re.IGNORECASE)
# A slot that is this late without a run was missed.
MISSED_AFTER = timedelta(minutes=5)


def default_zone() -> str:
    return str(settings.TIME_ZONE)


def problems(cron: str, zone: str) -> dict[str, str]:
    """What is wrong with a schedule, by field; empty when nothing is."""
    if zone not in available_timezones():
        return {"time_zone": _("There is no time zone “%s”.") % zone}
    fields = cron.split()
    if len(fields) != 5 or not all(_FIELD.fullmatch(field) for field in fields):
        return {
            "cron": _("“%s” is not a cron line of five fields: minute hour day month weekday.")
            % cron
        }
    try:
        next_slot(cron, zone, datetime.now(UTC))
    except (CroniterError, ValueError) as error:
        return {"cron": _("“%(cron)s” never comes: %(why)s") % {"cron": cron, "why": error}}
    return {}


def next_slot(cron: str, zone: str, after: datetime) -> datetime:
    """The first slot later than `after` (aware), as UTC.

    Raises croniter's errors for a line that `problems` refuses.
    """
    slots = croniter(cron, after.astimezone(ZoneInfo(zone)))
    slot: datetime = slots.get_next(datetime)
    # In the night when an hour comes twice, a line that names its hours means it once.
    while slot.astimezone(ZoneInfo(zone)).fold and "*" not in cron.split()[1]:
        slot = slots.get_next(datetime)
    return slot.astimezone(UTC)


def next_slots(cron: str, zone: str, after: datetime, count: int) -> list[datetime]:
    """The next `count` slots in the schedule's own zone, for people to read."""
    slots: list[datetime] = []
    for _n in range(count):
        after = next_slot(cron, zone, after)
        slots.append(after.astimezone(ZoneInfo(zone)))
    return slots
