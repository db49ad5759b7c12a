"""The settings that are URLs: where the data is, the queue, and the console itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from testhub.env import TOP, SettingsError, env_str

_DATABASE_FORMS = (
    "use sqlite:///path or mysql://user:password@host:port/name,"
    " with special characters percent-encoded"
)


def database_url(name: str, default: str) -> dict[str, Any]:
    """A `DATABASES` entry; a relative SQLite path starts where manage.py lies."""
    value = env_str(name, default)
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:  # its text may quote a piece of the password
        raise SettingsError(name, _masked(value), _DATABASE_FORMS) from None
    if url.scheme == "sqlite" and not url.netloc and len(url.path) > 1:
        path = TOP / unquote(url.path[1:])
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}
    if url.scheme in {"postgres", "postgresql"}:
        raise SettingsError(
            name,
            _masked(value),
            "PostgreSQL is not supported, use MySQL, MariaDB or SQLite",
        )
    database = unquote(url.path[1:])
    whole = url.hostname and database and not (url.query or url.fragment)
    if url.scheme != "mysql" or not whole or "/" in database:
        raise SettingsError(name, _masked(value), _DATABASE_FORMS)
    # The client library takes "localhost" for the Unix socket and drops the port.
    host = "127.0.0.1" if url.hostname == "localhost" and port else url.hostname
    return {
        "ENGINE": "django.db.backends.mysql",
        "NAME": database,
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": {
            "charset": "utf8mb4",
            # Now() follows the session's zone, which is the server's until it is set;
            # without strict mode a text that is too long is cut in silence.
            "init_command": (
                "SET time_zone='+00:00', sql_mode=CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')"
            ),
        },
    }


def broker_url(name: str) -> str:
    """Where django-q2 keeps its queue: "" is the database, else a redis:// URL."""
    value = env_str(name, "")
    if value and not (value.startswith(("redis://", "rediss://")) and urlsplit(value).hostname):
        raise SettingsError(
            name, _masked(value), "use redis://host:port/number, or leave it unset"
        )
    return value


def public_url(name: str, default: str) -> str:
    """Where people reach the console, without a slash at the end."""
    value = env_str(name, default)
    allowed = "use https://host or http://host:port, without a path"
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        raise SettingsError(name, _masked(value), allowed) from None
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    plain = f"{url.scheme}://{host}" + ("" if port is None else f":{port}")
    if url.scheme not in {"http", "https"} or value.rstrip("/").lower() != plain:
        raise SettingsError(name, _masked(value), allowed)
    return plain


def _masked(url: str) -> str:
    """A URL for an error message: its password does not reach a terminal or a log."""
    before, at, after = url.rpartition("@")
    return f"{before.partition('://')[0]}://***@{after}" if at else url
