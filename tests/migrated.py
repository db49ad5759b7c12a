"""An empty database as migrations leave it: made once in a process, then copied."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.servers import MariaDBAddress

# In this process: workers of pytest-xdist make one each.
_folder = tempfile.TemporaryDirectory(prefix="testhub-migrated-")
_template = Path(_folder.name) / "migrated.sqlite3"
# The same of MariaDB, for any server: table -> how it is made, and its rows.
_tables: dict[str, tuple[str, list[tuple[Any, ...]]]] = {}


def fill(url: str, migrate: Callable[[str], object]) -> None:
    """Bring the database at a DATABASE_URL up to date: an empty one by copying, any other
    by `migrate(url)`."""
    if url.startswith("sqlite:///"):
        _fill_sqlite(Path(url.removeprefix("sqlite:///")), migrate)
    else:
        _fill_mariadb(url, migrate)


def _fill_sqlite(path: Path, migrate: Callable[[str], object]) -> None:
    if path.exists():
        migrate(f"sqlite:///{path}")
        return
    if not _template.exists():
        draft = _template.with_name(f"draft-{os.getpid()}.sqlite3")
        migrate(f"sqlite:///{draft}")
        draft.rename(_template)
    shutil.copyfile(_template, path)


def _fill_mariadb(url: str, migrate: Callable[[str], object]) -> None:
    name = urlsplit(url).path.strip("/")
    with contextlib.closing(MariaDBAddress.from_url(url).connect(name)) as connection:
        cursor = connection.cursor()
        is_empty = cursor.execute("SHOW TABLES") == 0
        if not (is_empty and _tables):
            migrate(url)
        if is_empty and not _tables:
            _tables.update(_read(cursor))
        elif is_empty:
            _write(cursor)


def _read(cursor: Any) -> dict[str, tuple[str, list[tuple[Any, ...]]]]:
    found = {}
    cursor.execute("SHOW TABLES")
    for (table,) in cursor.fetchall():
        cursor.execute(f"SHOW CREATE TABLE `{table}`")
        statement = cursor.fetchone()[1]
        cursor.execute(f"SELECT * FROM `{table}`")
        found[table] = statement, list(cursor.fetchall())
    return found


def _write(cursor: Any) -> None:
    cursor.execute("SET foreign_key_checks = 0")
    for table, (statement, rows) in _tables.items():
        cursor.execute(statement)
        if rows:
            places = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO `{table}` VALUES ({places})", rows)
