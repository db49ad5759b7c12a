"""System checks of the databases: settings always, servers with `check --database ALIAS`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

# pusher, monitor and sentinel (or the clock, which takes its place)
PROCESSES_BESIDE_WORKERS = 3
# The web server that `make up` starts has so many threads.
WEB_THREADS = 8


@register()
def check_database_settings(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """What can be known without asking a server."""
    return [message for alias in connections for message in _of_settings(alias)]


def _of_settings(alias: str) -> Iterator[CheckMessage]:
    connection = connections[alias]
    given = connection.settings_dict
    mode = given["OPTIONS"].get("transaction_mode")
    if connection.vendor == "sqlite" and mode != "IMMEDIATE":
        yield Error(
            "SQLite without transaction_mode IMMEDIATE refuses parallel writers.",
            hint='Set OPTIONS["transaction_mode"] = "IMMEDIATE".',
            id="testhub.E006",
        )
    if given["CONN_MAX_AGE"] == 0:
        yield Error(
            "CONN_MAX_AGE=0 makes every question to the queue a new connection.",
            hint="Use 60 or more.",
            id="testhub.E007",
        )
    elif not given["CONN_HEALTH_CHECKS"]:
        yield Warning(
            "CONN_HEALTH_CHECKS=False uses connections that the server has closed.",
            hint="Use True.",
            id="testhub.W002",
        )


@register(Tags.database)
def check_servers(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Asked with `manage.py check --database default`."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        if connections[alias].vendor == "mysql":
            found += _of_server(alias)
    return found


def _of_server(alias: str) -> Iterator[CheckMessage]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT @@time_zone, @@max_connections, @@max_user_connections")
        time_zone, allowed, for_user = cursor.fetchone()
    if time_zone != "+00:00":
        yield Error(
            f"Connections have the time zone {time_zone}: leases would end at other times.",
            hint='Set OPTIONS["init_command"] = "SET time_zone=\'+00:00\'".',
            id="testhub.E012",
        )
    limits = {"max_connections": allowed, "max_user_connections": for_user or allowed}
    name = min(limits, key=lambda each: limits[each])
    needed = settings.WORKERS + PROCESSES_BESIDE_WORKERS + WEB_THREADS
    parts = f"WORKERS + {PROCESSES_BESIDE_WORKERS} + {WEB_THREADS} web threads"
    if settings.FUNCTION_MODULES:
        needed += settings.WORKERS * settings.THREADS
        parts += " + WORKERS x THREADS, because functions of FUNCTION_MODULES may use it"
    # Whether this machine's processes alone could fill the server.
    if needed >= limits[name]:
        yield Warning(
            f"testhub may open {needed} connections ({parts}); the server allows"
            f" {limits[name]}.",
            hint=f"Raise {name}, or lower WORKERS or THREADS.",
            id="testhub.W001",
        )
