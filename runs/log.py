"""Every log line says which run, chunk and case it speaks of."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token

_where: ContextVar[dict[str, int]] = ContextVar("where", default={})  # noqa: B039


class Where(AbstractContextManager[None]):
    """`with Where(run=12, chunk=3):` names these in every log line of this thread."""

    __slots__ = ("_ids", "_token")
    _token: Token[dict[str, int]]

    def __init__(self, **ids: int) -> None:
        self._ids = ids

    def __enter__(self) -> None:
        self._token = _where.set({**_where.get(), **self._ids})

    def __exit__(self, *_: object) -> None:
        _where.reset(self._token)


class WhereFilter(logging.Filter):
    """Gives every record `where`: ` run=12 chunk=3 case=45`, or nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.where = "".join(f" {name}={value}" for name, value in _where.get().items())
        return True
