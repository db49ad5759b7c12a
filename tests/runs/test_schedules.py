"""When a schedule is next due: cron lines in time zones of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from runs import schedules

BERLIN, SHANGHAI = "Europe/Berlin", "Asia/Shanghai"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "after", "slot"),
    [
        ("30 7 * * *", "UTC", "2026-01-01 07:29", "2026-01-01 07:30"),
        ("30 7 * * *", "UTC", "2026-01-01 07:30", "2026-01-02 07:30"),
        ("*/15 * * * *", "UTC", "2026-01-01 07:31", "2026-01-01 07:45"),
        # the same wall time, other instants
        ("30 7 * * *", BERLIN, "2026-01-01 00:00", "2026-01-01 06:30"),
        ("30 7 * * *", BERLIN, "2026-07-01 00:00", "2026-07-01 05:30"),
        ("30 7 * * *", SHANGHAI, "2026-01-01 00:00", "2026-01-01 23:30"),
        ("30 7 * * *", SHANGHAI, "2026-07-01 00:00", "2026-07-01 23:30"),
        # the day of the week is that of the zone: Monday in Shanghai begins on Sunday
        ("0 1 * * 1", SHANGHAI, "2026-11-22 00:00", "2026-11-22 17:00"),
        # spring in Berlin: 02:30 does not exist on 29 March, the day after it does
        ("30 2 * * *", BERLIN, "2026-03-28 12:00", "2026-03-29 01:00"),
        ("30 2 * * *", BERLIN, "2026-03-29 12:00", "2026-03-30 00:30"),
        # autumn: 02:30 comes twice on 25 October, a nightly job once, "every half hour" twice
        ("30 2 * * *", BERLIN, "2026-10-24 12:00", "2026-10-25 00:30"),
        ("30 2 * * *", BERLIN, "2026-10-25 00:30", "2026-10-26 01:30"),
        ("*/30 * * * *", BERLIN, "2026-10-25 00:30", "2026-10-25 01:00"),
        ("30 3 * * *", BERLIN, "2026-10-24 12:00", "2026-10-25 02:30"),
        ("0 0 29 2 *", "UTC", "2026-01-01 00:00", "2028-02-29 00:00"),
        ("30 7 * * mon-fri", "UTC", "2026-11-20 08:00", "2026-11-23 07:30"),
    ],
)
def test_next_slot(cron: str, zone: str, after: str, slot: str) -> None:
    assert schedules.next_slot(cron, zone, utc(after)) == utc(slot)


def test_slots_are_shown_in_the_zone_of_the_schedule() -> None:
    slots = schedules.next_slots("0 9 * * *", BERLIN, utc("2026-10-24 00:00"), 3)
    assert [slot.isoformat() for slot in slots] == [
        "2026-10-24T09:00:00+02:00",
        "2026-10-25T09:00:00+01:00",
        "2026-10-26T09:00:00+01:00",
    ]
    assert slots[0].tzinfo == ZoneInfo(BERLIN)


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "30 7 * *",
        "30 7 * * * *",  # seconds
        "30 7 * * * * *",
        "@daily",
        "R R * * *",
        "61 * * * *",
        "0 0 31 2 *",
        "0 24 * * *",
        "a b c d e",
        "0 0 L * *",
        "*/0 * * * *",
        "H H * * *",
        "30 7 * * 1#2",
        "30 7 ? * *",
    ],
)
def test_a_line_that_is_not_plain_cron_is_refused(cron: str) -> None:
    assert set(schedules.problems(cron, "UTC")) == {"cron"}


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "+08:00", "../etc/passwd", "berlin"])
def test_a_zone_that_there_is_not_is_refused(zone: str) -> None:
    assert set(schedules.problems("0 * * * *", zone)) == {"time_zone"}


@pytest.mark.parametrize("cron", ["30 7 * * 1-5", "*/5 8-18 * * *", "0 0 1 JAN *", "0 0 * * 7"])
def test_plain_cron_is_taken(cron: str) -> None:
    assert schedules.problems(cron, SHANGHAI) == {}
