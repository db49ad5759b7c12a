"""What a deployment's functions may do to a connection. Loaded through FUNCTION_MODULES,
and called by the plain pool of `tests.connections.naive` too.

Each of the first leaves its mess behind and raises, or returns; the last ones look at what
they find.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

_kept: list[Any] = []


def leave_atomic_open() -> str:
    """A transaction that holds a row lock, never ended."""
    from django.db import transaction

    transaction.atomic().__enter__()
    lock_a_row()
    raise RuntimeError("left in the middle of a transaction")


def fail_in_atomic() -> str:
    """A query that fails inside a transaction that is never ended."""
    from django.db import connection, transaction

    transaction.atomic().__enter__()
    lock_a_row()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM no_such_table")
    return "never"


def switch_autocommit_off() -> str:
    from django.db import connection

    connection.set_autocommit(False)
    lock_a_row()
    raise RuntimeError("autocommit is off")


def set_session_state() -> str:
    """No error at all: the session is just not what it was."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET @left_behind = 1, SESSION sql_mode = 'ANSI'")
    return "set"


def lock_tables() -> str:
    """From now on this session may read and write no other table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLES cases_tag WRITE")
    return "locked"


def make_temporary_table() -> str:
    """It hides the real table of that name from this session."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE cases_tag (id int)")
    return "made"


def leave_unread_rows() -> str:
    """A result set that nobody has fetched from the raw connection."""
    from django.db import connection

    connection.ensure_connection()
    connection.connection.query("SELECT 1 UNION SELECT 2")
    raise RuntimeError("never read the answer")


def keep_connection() -> str:
    """Give this thread's connection to whoever asks next."""
    from django.db import connection

    connection.ensure_connection()
    _kept.append(connection._connections["default"])
    return "kept"


def use_kept_connection() -> str:
    """Use the connection of another thread, or of another case."""
    with _kept[-1].cursor() as cursor:
        cursor.execute("SELECT 1")
        return str(cursor.fetchone()[0])


def use_connection_a_while() -> str:
    """Two questions with a rest inside the database between them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        [before] = cursor.fetchone()
        cursor.execute("SELECT SLEEP(0.05)")
        cursor.fetchone()
        cursor.execute("SELECT CONNECTION_ID()")
        [after] = cursor.fetchone()
    assert before == after, "the connection changed under a case"
    return str(after)


def lock_a_row() -> None:
    from cases.models import Tag

    Tag.objects.filter(name="locked").update(name="locked")
    Tag.objects.create(name=f"never committed {uuid.uuid4().hex}")


def session_state() -> str:
    """`clean`, or what is wrong with the connection that a case finds. Raises what the
    database raises."""
    from django.db import connection

    from cases.models import Environment, Tag

    Environment.objects.count()
    found = {"tags": sorted(Tag.objects.values_list("name", flat=True))}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT @left_behind, @@sql_mode LIKE '%%ANSI%%', @@autocommit, @@in_transaction"
        )
        found["session"] = list(cursor.fetchone())
    found["atomic"] = connection.in_atomic_block
    clean = {"tags": ["locked"], "session": [None, 0, 1, 0], "atomic": False}
    return "clean" if found == clean else json.dumps(found)


__all__ = [
    "fail_in_atomic",
    "keep_connection",
    "leave_atomic_open",
    "leave_unread_rows",
    "lock_tables",
    "make_temporary_table",
    "session_state",
    "set_session_state",
    "switch_autocommit_off",
    "use_connection_a_while",
    "use_kept_connection",
]
