"""System checks: refuse what is known to break later, each with a hint.

The traps of django-q2 were measured; docs/explanation/execution.md tells each story.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django_q.conf import Conf

# Only these reach zero when they are subtracted from a float again and again.
GUARD_CYCLES = (0.25, 0.5, 1)
# pusher, monitor and sentinel (or the clock, which takes its place)
PROCESSES_BESIDE_WORKERS = 3
# The web server that `make up` starts has so many threads.
WEB_THREADS = 8


@register()
def check_cluster(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """The settings of django-q2 that lose work or stop the cluster in silence."""
    found: list[CheckMessage] = []

    def refuse(number: int, message: str, hint: str) -> None:
        found.append(Error(message, hint=hint, id=f"testhub.E{number:03}"))

    if Conf.GUARD_CYCLE not in GUARD_CYCLES:
        refuse(
            1,
            f"Q_CLUSTER guard_cycle={Conf.GUARD_CYCLE} switches the hard timeout off.",
            "Use 0.25, 0.5 or 1.",
        )
    if Conf.QUEUE_LIMIT < 1:
        refuse(
            2,
            f"Q_CLUSTER queue_limit={Conf.QUEUE_LIMIT} lets the pusher take everything.",
            "Use 1.",
        )
    needed_s = settings.CHUNK_BUDGET_S + settings.RETRY_ROOM_S + settings.CASE_TIMEOUT_S + 45
    if not isinstance(Conf.TIMEOUT, int) or needed_s >= Conf.TIMEOUT:
        refuse(
            3,
            f"Q_CLUSTER timeout={Conf.TIMEOUT} ends chunks that are in good order.",
            "Use a whole number above CHUNK_BUDGET_S + RETRY_ROOM_S + CASE_TIMEOUT_S + 45"
            f" ({needed_s} s).",
        )
    elif Conf.RETRY <= 3 * Conf.TIMEOUT:
        refuse(
            4,
            f"Q_CLUSTER retry={Conf.RETRY} hands out chunks that are under way.",
            f"Use more than three times the timeout ({3 * Conf.TIMEOUT} s).",
        )
    backend = str(settings.CACHES.get(Conf.CACHE, {}).get("BACKEND", ""))
    if backend.endswith(("LocMemCache", "DatabaseCache", "DummyCache")) or not backend:
        refuse(
            5,
            f"Q_CLUSTER cache={Conf.CACHE!r} hides the cluster from other processes.",
            "Use a file-based or Redis cache.",
        )
    return found


@register(Tags.database)
def check_databases(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Asked with `manage.py check --database default`."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        options = connection.settings_dict["OPTIONS"]
        if connection.vendor == "sqlite" and options.get("transaction_mode") != "IMMEDIATE":
            found.append(
                Error(
                    "SQLite without transaction_mode IMMEDIATE refuses parallel writers.",
                    hint='Set OPTIONS["transaction_mode"] = "IMMEDIATE".',
                    id="testhub.E006",
                )
            )
        if connection.settings_dict["CONN_MAX_AGE"] == 0:
            found.append(
                Error(
                    "CONN_MAX_AGE=0 makes every question to the queue a new connection.",
                    hint="Use 60 or more.",
                    id="testhub.E007",
                )
            )
        if connection.vendor == "mysql":
            found += _too_many(alias)
    return found


def _too_many(alias: str) -> list[CheckMessage]:
    """Whether this machine's processes alone could fill the server."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT @@max_connections")
        [allowed] = cursor.fetchone()
    needed = settings.WORKERS + PROCESSES_BESIDE_WORKERS + WEB_THREADS
    parts = f"WORKERS + {PROCESSES_BESIDE_WORKERS} + {WEB_THREADS} web threads"
    if settings.FUNCTION_MODULES:
        needed += settings.WORKERS * settings.THREADS
        parts += " + WORKERS x THREADS, because functions of FUNCTION_MODULES may use it"
    if needed < allowed:
        return []
    return [
        Warning(
            f"testhub may open {needed} connections ({parts}); the server allows {allowed}.",
            hint="Raise max_connections, or lower WORKERS or THREADS.",
            id="testhub.W001",
        )
    ]
