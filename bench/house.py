"""A testhub of the bench's own: a database that it makes and drops, and real workers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

TOP = Path(__file__).resolve().parent.parent


class NotOurs(Exception):
    """The database was not made by the bench, so it is not touched."""


@contextmanager
def database(server_url: str, folder: Path) -> Iterator[str]:
    """A new database on the server of `server_url`, or a new SQLite file; gives its URL.

    Raises `NotOurs` for a URL that names a database with something in it.
    """
    if not server_url:
        yield f"sqlite:///{folder}/bench.sqlite3"
        return
    parts = urlsplit(server_url)
    if parts.scheme != "mysql":
        raise NotOurs(f"--database {server_url!r}: use mysql://user:password@host:port/")
    named = parts.path.strip("/")
    import MySQLdb

    connection = MySQLdb.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=parts.username or "root",
        password=parts.password or "",
    )
    name = f"testhub_bench_{uuid.uuid4().hex[:12]}"
    cursor = connection.cursor()
    cursor.execute(
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = %s", [named]
    )
    if n_tables := cursor.fetchone()[0]:
        connection.close()
        raise NotOurs(
            f"--database: {named!r} holds {n_tables} tables that the bench did not make. "
            "It makes its own: name the server only, mysql://user:password@host:port/"
        )
    cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        cursor.execute(f"DROP DATABASE `{name}`")
        connection.close()


def settle_in(url: str, folder: Path) -> None:
    """Set Django up on that database; once per process, before any model is imported."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="testhub.settings",
        ENV_FILE=os.devnull,
        DATABASE_URL=url,
        CLUSTER_DIR=str(folder / "cluster"),
        SECRET_KEY="only-for-the-bench" * 3,
        ENCRYPTION_KEYS="dGVzdGh1Yi10ZXN0LWtleS0zMi1ieXRlcy1sb25nISE=",
        LOG_LEVEL="WARNING",
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


@contextmanager
def workers() -> Iterator[int]:
    """`run_workers`, ready; gives the keeper's pid."""
    from runs.workers import cluster_status

    keeper = subprocess.Popen([sys.executable, "manage.py", "run_workers"], cwd=TOP)
    try:
        ends_at = time.monotonic() + 30
        while not cluster_status().alive:
            if time.monotonic() > ends_at:
                raise TimeoutError("no worker came up within 30 s")
            time.sleep(0.1)
        yield keeper.pid
    finally:
        keeper.terminate()
        keeper.wait()
