"""The last number that each table has given to a row, also when that row is gone.

Results keep the number of a case that was deleted: a copy of the database that gave this
number to a new case would show it a history that is not its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def carry_over(source: Any, target: Any, tables: Iterable[str]) -> None:
    """Let `target` go on counting where `source` is. Ends an open transaction on MySQL."""
    last = _last(source)
    write = _write_mysql if target.vendor == "mysql" else _write_sqlite
    with target.cursor() as cursor:
        for table in tables:
            if last.get(table):
                write(cursor, table, last[table])


def _last(connection: Any) -> dict[str, int]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            return dict(cursor.fetchall())
        if not connection.mysql_is_mariadb:  # MySQL remembers an older answer for a day
            cursor.execute("SET SESSION information_schema_stats_expiry = 0")
        cursor.execute(
            "SELECT table_name, auto_increment - 1 FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND auto_increment IS NOT NULL"
        )
        return {name: int(number) for name, number in cursor.fetchall()}


def _write_sqlite(cursor: Any, table: str, number: int) -> None:
    cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number])


def _write_mysql(cursor: Any, table: str, number: int) -> None:
    cursor.execute(f"ALTER TABLE `{table}` AUTO_INCREMENT = {number + 1}")
