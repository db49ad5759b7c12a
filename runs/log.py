"""Every log line says which run, chunk and case it speaks of."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_where: ContextVar[dict[str, int]] = ContextVar("where", default={})  # noqa: B039


@contextmanager
def where(**ids: int) -> Iterator[None]:
    """`with where(run=12, chunk=3):` names these in every log line of this thread."""
    token = _where.set({**_where.get(), **ids})
    try:
        yield
    finally:
        _where.reset(token)


class WhereFilter(logging.Filter):
    """Gives every record `where`: ` run=12 chunk=3 case=45`, or nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.where = "".join(f" {name}={value}" for name, value in _where.get().items())
        return True
