"""The boundary: clean database connections before and after every case.

A case has none of its own. But a function of FUNCTION_MODULES may use the ORM in the
thread that runs the case, and may leave there a transaction open, a session variable set,
a table locked. `close_old_connections()` alone does not heal all of that, and inside a
caller's transaction it would break it; docs/explanation/connections.md has the table.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import Error

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """A connection that a case left in a transaction."""

    alias: str
    number: int | None


def connection_number(wrapper: BaseDatabaseWrapper | None = None) -> int | None:
    """By which the server knows this connection, or this thread's; asks nobody.

    None where there is none: SQLite has no server.
    """
    wrapper = wrapper or connections[DEFAULT_DB_ALIAS]
    if wrapper.vendor != "mysql" or wrapper.connection is None:
        return None
    return int(wrapper.connection.thread_id())


def _tell_nobody(left: LeftOpen) -> None:
    """What becomes of a `LeftOpen` that nobody asked for."""


class CleanConnections(AbstractContextManager[None]):
    """Run one case between clean connections, in whichever thread it runs.

    1. The thread's own connections are taken out of Django's hands and kept aside: a
       caller's open transaction (a request, an admin view, a test) is not touched.
    2. `close_old_connections()`.
    3. The case runs; what it needs it opens anew.
    4. What it opened is closed on the wire and discarded, dirty or not: `SET` and
       `LOCK TABLES` leave no flag that could be tested.
    5. `close_old_connections()`.
    6. The thread's own connections are put back.

    `case` names the case in the warning about a transaction that it left open; `note` is
    told as well.
    """

    __slots__ = ("_case", "_note", "_own")

    def __init__(self, case: str, note: Callable[[LeftOpen], None] = _tell_nobody) -> None:
        self._case = case
        self._note = note
        self._own: Sequence[BaseDatabaseWrapper] = ()

    def __enter__(self) -> None:
        self._own = _take_out()
        close_old_connections()

    def __exit__(self, *_: object) -> None:
        try:
            for wrapper in _take_out():
                _discard(wrapper, self._case, self._note)
            close_old_connections()
        finally:
            for wrapper in self._own:
                connections[wrapper.alias] = wrapper


def _take_out() -> Sequence[BaseDatabaseWrapper]:
    wrappers = connections.all(initialized_only=True)
    for wrapper in wrappers:
        del connections[wrapper.alias]
    return wrappers


def _discard(wrapper: BaseDatabaseWrapper, case: str, note: Callable[[LeftOpen], None]) -> None:
    if wrapper.connection is None:
        return
    try:
        if wrapper.in_atomic_block or not wrapper.get_autocommit():
            logger.warning(
                "Case %s left a transaction open on connection %s: rolled back.",
                case,
                wrapper.alias,
            )
            note(LeftOpen(wrapper.alias, connection_number(wrapper)))
        wrapper.close()
    except Error:
        # The server closed it first; the wrapper is thrown away either way.
        logger.debug("Connection %s of case %s was gone.", wrapper.alias, case)
