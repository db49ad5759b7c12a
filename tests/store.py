"""The store of a test session: the database behind Django, SQLite or MariaDB.

`TESTHUB_TEST_STORE=mariadb pytest` runs the tests that work through the database, and
no others, on a private MariaDB or on the one that `TESTHUB_TEST_MYSQL_URL` names.
"""

from __future__ import annotations

import atexit
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import MariaDB, MariaDBAddress

NAME = os.environ.get("TESTHUB_TEST_STORE", "sqlite")
GIVEN_URL = os.environ.get("TESTHUB_TEST_MYSQL_URL", "")

# A test that touches the database of the session without one of these is refused by
# pytest-django, so nothing that belongs on both stores is missed.
_FIXTURES = {
    "admin_client",
    "admin_user",
    "db",
    "django_user_model",
    "live_server",
    "store_url",
    "transactional_db",
}
# They bring a server of their own or are the same on every store: once is enough.
_ONCE = ("browser", "mariadb", "proof")


def prepare() -> None:
    """Set DATABASE_URL before Django loads; workers of pytest-xdist inherit it."""
    if NAME not in {"sqlite", "mariadb"}:
        raise pytest.UsageError(f"TESTHUB_TEST_STORE={NAME!r}: use sqlite or mariadb.")
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    if NAME == "sqlite":
        # Tests get a database of their own; whoever opens this one finds it empty.
        unused = Path(tempfile.gettempdir()) / "testhub-not-a-test-database.sqlite3"
        os.environ["DATABASE_URL"] = f"sqlite:///{unused}"
    elif GIVEN_URL:
        os.environ["DATABASE_URL"] = GIVEN_URL
    else:
        if reason := MariaDB.missing():
            raise pytest.UsageError(f"TESTHUB_TEST_STORE=mariadb: {reason}.")
        server = MariaDB()
        atexit.register(server.close)
        server.start()
        os.environ["DATABASE_URL"] = server.url("testhub")


def server() -> MariaDBAddress | None:
    """The server that this session already has, if there is one."""
    url = os.environ["DATABASE_URL"] if NAME == "mariadb" else GIVEN_URL
    return MariaDBAddress.from_url(url) if url else None


@contextmanager
def new(folder: Path) -> Iterator[str]:
    """The DATABASE_URL of a new, empty database on this session's store."""
    given = server()
    if NAME == "sqlite" or given is None:
        yield f"sqlite:///{folder}/store.sqlite3"
        return
    with given.database(f"store_{uuid.uuid4().hex[:12]}") as url:
        yield url


def wants(item: pytest.Item) -> bool:
    """Whether a test belongs in this session: on SQLite all do."""
    if NAME == "sqlite":
        return True
    if any(item.get_closest_marker(name) for name in _ONCE):
        return False
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("store")
    return bool(marked or _FIXTURES & set(getattr(item, "fixturenames", ())))
