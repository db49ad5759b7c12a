"""Filters of dates: a date is a text in ISO 8601 and UTC, 2026-11-23T12:42:18Z."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from cases.engine.filters.arguments import Filter, a, words
from cases.engine.values import is_number

_DAY = timedelta(days=1)


def moment_of(value: Any) -> datetime:
    """A date in ISO 8601 or as HTTP writes it, or seconds since 1970. Raises ValueError.

    Without a zone it is UTC.
    """
    found: datetime | None = None
    if is_number(value):
        with suppress(OverflowError, OSError, ValueError):
            found = datetime.fromtimestamp(value, UTC)
    elif isinstance(value, str):
        found = _iso(value.strip()) or _http(value.strip())
    if found is None:
        raise ValueError(f"{a(value)} is not a date")
    return _utc(found)


def iso(moment: datetime) -> str:
    """2026-11-23T12:42:18Z, with fractions of a second if there are any."""
    return moment.isoformat().replace("+00:00", "Z")


def _to_date(value: Any, format: Any = None) -> str:
    """A date in ISO 8601, of a text in a strftime format, of an HTTP date, of seconds."""
    if format is None:
        return iso(moment_of(value))
    if not isinstance(value, str):
        raise ValueError(f"{a(value)} is not a text")
    wanted = words(format, "The format of to_date")
    return iso(_utc(datetime.strptime(value.strip(), wanted)))  # noqa: DTZ007 - _utc() adds it


def _date_format(value: Any, format: Any) -> str:
    """A date in a strftime format, in UTC: date_format('%d.%m.%Y')."""
    return moment_of(value).strftime(words(format, "The format of date_format"))


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


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(
            f"{moment.isoformat()} is not a date that can be reckoned with"
        ) from None


DATES: dict[str, Filter] = {
    "to_date": _to_date,
    "date_format": _date_format,
    "unix_time": _unix_time,
    "days_after_now": _days_after_now,
    "days_before_now": _days_before_now,
}
