"""Filters of dates: a date is a text in ISO 8601 and UTC, 2026-11-23T12:42:18Z."""

from __future__ import annotations

import math
import re
from calendar import monthrange
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from cases.engine.errors import CannotJudge
from cases.engine.filters.arguments import Filter, a, whole, words
from cases.engine.values import is_number, shown

_DAY = timedelta(days=1)
_OFFSET = re.compile(r"([+-])([01]\d|2[0-3]):?([0-5]\d)", re.ASCII)
_UNITS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}
_MONTHS = {"months": 1, "years": 12}


def moment_of(value: Any, zone: tzinfo = UTC) -> datetime:
    """A date in ISO 8601 or as HTTP writes it, or seconds since 1970. Raises ValueError.

    One that does not say its zone is of this one.
    """
    found: datetime | None = None
    if is_number(value):
        with suppress(OverflowError, OSError, ValueError):
            found = datetime.fromtimestamp(value, UTC)
    elif isinstance(value, str):
        found = _iso(value.strip()) or _http(value.strip())
    if found is None:
        raise ValueError(f"{a(value)} is not a date")
    return _utc(found, zone)


def zone_of(argument: Any) -> tzinfo:
    """A time zone by name or offset: Asia/Shanghai, +08:00. Raises CannotJudge."""
    name = words(argument, "A time zone").strip()
    offset = _OFFSET.fullmatch(name)
    if offset is not None:
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise CannotJudge(f"There is no time zone {shown(name, 60)}.") from None


def iso(moment: datetime) -> str:
    """2026-11-23T12:42:18Z, with fractions of a second if there are any."""
    return moment.isoformat().replace("+00:00", "Z")


def _to_date(value: Any, format: Any = None, zone: Any = "UTC") -> str:
    """A date in ISO 8601, of a text in a strftime format, of an HTTP date, of seconds."""
    of = zone_of(zone)
    if format is None:
        return iso(moment_of(value, of))
    if not isinstance(value, str):
        raise ValueError(f"{a(value)} is not a text")
    wanted = words(format, "The format of to_date")
    found = datetime.strptime(value.strip(), wanted)  # noqa: DTZ007 - _utc() adds it
    return iso(_utc(found, of))


def _date_format(value: Any, format: Any, zone: Any = "UTC") -> str:
    """A date in a strftime format, in UTC or a zone: date_format('%d.%m.%Y', '+08:00')."""
    wanted = words(format, "The format of date_format")
    return _in(moment_of(value), zone_of(zone)).strftime(wanted)


def _shift(value: Any, amount: Any, unit: Any = "days") -> str:
    """A date so much later, or earlier: shift(-90, 'minutes'). Months go by the calendar."""
    moment, by = moment_of(value), whole(amount, "How far shift goes")
    try:
        if unit in _UNITS:
            return iso(moment + timedelta(seconds=by * _UNITS[unit]))
        if unit in _MONTHS:
            return iso(_months_later(moment, by * _MONTHS[unit]))
    except (OverflowError, ValueError):
        raise ValueError(f"{iso(moment)} cannot be shifted by {by} {unit}") from None
    known = ", ".join((*_UNITS, *_MONTHS))
    raise CannotJudge(f"shift goes by {known}, not by {shown(unit, 60)}.")


def _months_later(moment: datetime, months: int) -> datetime:
    """The same day of another month, or the last that it has."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _unix_time(value: Any) -> int | float:
    """Seconds since 1970, a whole number unless the date has fractions."""
    seconds = moment_of(value).timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def _days_after_now(value: Any) -> int:
    """Whole days from now to a date; negative when it has passed."""
    return math.trunc((moment_of(value) - datetime.now(UTC)) / _DAY)


def _days_before_now(value: Any) -> int:
    """Whole days from a date to now; negative when it is to come."""
    return math.trunc((datetime.now(UTC) - moment_of(value)) / _DAY)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _http(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _utc(moment: datetime, zone: tzinfo) -> datetime:
    return _in(moment.replace(tzinfo=zone) if moment.tzinfo is None else moment, UTC)


def _in(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:
        raise ValueError(
            f"{moment.isoformat()} is not a date that can be reckoned with"
        ) from None


DATES: dict[str, Filter] = {
    "to_date": _to_date,
    "date_format": _date_format,
    "unix_time": _unix_time,
    "shift": _shift,
    "days_after_now": _days_after_now,
    "days_before_now": _days_before_now,
}
