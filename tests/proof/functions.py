"""Loaded by workers through FUNCTION_MODULES: counts how often the boundary of cases calls
`close_old_connections()` in each thread."""

from __future__ import annotations

import os
import threading

from django.db import close_old_connections

from runs import connections

_here = threading.local()


def _counted() -> None:
    _here.calls = getattr(_here, "calls", 0) + 1
    close_old_connections()


connections.close_old_connections = _counted


def boundary_calls() -> str:
    """Process, thread, and the calls in this thread so far."""
    return f"{os.getpid()}/{threading.get_ident()}/{_here.calls}"


__all__ = ["boundary_calls"]
