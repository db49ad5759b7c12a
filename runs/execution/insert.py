"""Plain inserts of many rows: `bulk_create` spends more on building its SQL than the
database on running it, and mysqlclient's own `executemany` five calls on each value.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

# MySQL gets rows in one statement until it is this long.
SENT_TOGETHER = 64 * 1024

Row = Sequence[Any]


class Insert:
    """Rows of these fields into one table; raises what the database raises.

    A row is a tuple in the order of the fields, of values as the driver takes them; times go
    through `moment()`. Every column that the table wants must be named: defaults of Django
    are not filled in, nor are keys given back.
    """

    def __init__(self, model: type[models.Model], *fields: str) -> None:
        self._table = model._meta.db_table
        known = {field.name: str(field.column) for field in model._meta.concrete_fields}
        self._columns = [known[name] for name in fields]

    def __call__(self, rows: Iterable[Row]) -> None:
        quote = connection.ops.quote_name
        columns = ", ".join(quote(column) for column in self._columns)
        insert = f"INSERT INTO {quote(self._table)} ({columns}) VALUES "
        with connection.cursor() as cursor:
            if connection.vendor == "mysql":
                for values in _packed(_spelled(rows, connection.connection)):
                    cursor.execute(insert.encode() + values)  # type: ignore[arg-type]
            else:
                marks = ", ".join(["%s"] * len(self._columns))
                cursor.executemany(f"{insert}({marks})", list(rows))


def _spelled(rows: Iterable[Row], driver: Any) -> Iterator[bytes]:
    """Each row as SQL, in parentheses, its texts escaped by the driver."""
    texts = _Texts(driver)
    spell: dict[type, Callable[[Any], bytes]] = {
        int: b"%d".__mod__,
        str: texts.__getitem__,
        # In hexadecimal: the driver looks at every byte for half a character, 25 us a record.
        bytes: lambda data: b"x'%s'" % data.hex().encode(),
    }
    for row in rows:
        values = [spell.get(type(value), driver.literal)(value) for value in row]
        yield b"(%s)" % b",".join(values)


class _Texts(dict[str, bytes]):
    """Texts as SQL; half of those in a batch stand in every row of it."""

    def __init__(self, driver: Any) -> None:
        super().__init__()
        self._driver = driver

    def __missing__(self, text: str) -> bytes:
        spelled: bytes = self._driver.literal(text)
        self[text] = spelled
        return spelled


def _packed(rows: Iterable[bytes]) -> Iterator[bytes]:
    """As many rows together as `SENT_TOGETHER` takes, and one at least."""
    batch, size = list[bytes](), 0
    for row in rows:
        if batch and size + len(row) > SENT_TOGETHER:
            yield b",".join(batch)
            batch, size = [], 0
        batch.append(row)
        size += len(row)
    if batch:
        yield b",".join(batch)


def largest_value() -> int:
    """How many bytes a value may have to reach the database, whatever bytes they are.

    It cannot be tried: a packet that is too large costs MySQL's connection.
    """
    if connection.vendor != "mysql":
        return sys.maxsize
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@max_allowed_packet")
        [packet] = cursor.fetchone()
    # Of bytes each is written as two.
    return int(packet - SENT_TOGETHER) // 2


def moment(seconds: float) -> str | None:
    """Seconds since the epoch as the database takes them, in UTC; NULL for none."""
    if not seconds:
        return None
    return str(datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None))
