"""A database that is away for a moment is waited for; one that is away too long is not."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
)

logger = logging.getLogger(__name__)

T = TypeVar("T")
PAUSES_S = (0.1, 0.2, 0.5, 1.0, 2.0)
# MySQL's operational errors about a value: it is cut by the packet, out of range, not
# text in this charset, too long.
_DATA_CODES = {1153, 1264, 1366, 1406}


def persistently(operation: Callable[[], T], *, until: float) -> T:
    """Do `operation`, again after a lost connection or a deadlock, while `until`
    (`time.monotonic()`) has not come.

    The operation must be one transaction that is fine to repeat. Inside a caller's
    transaction it is tried once: what that transaction held is gone with it.
    """
    tries = 0
    while True:
        try:
            return operation()
        except (OperationalError, InterfaceError) as error:
            pause = PAUSES_S[min(tries, len(PAUSES_S) - 1)]
            tries += 1
            if (
                refuses_data(error)
                or connection.in_atomic_block
                or time.monotonic() + pause > until
            ):
                raise
            logger.warning("The database did not answer (%s); again in %s s.", error, pause)
            time.sleep(pause)
            close_old_connections()


def refuses_data(error: Exception) -> bool:
    """The database, or its driver, will never take this value: asking again is no use."""
    if isinstance(error, OperationalError):
        return bool(error.args) and error.args[0] in _DATA_CODES
    return isinstance(error, (DataError, IntegrityError, ValueError, OverflowError))
