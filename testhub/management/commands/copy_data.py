from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections
from django.utils.translation import gettext as _

from testhub import env_urls
from testhub.copying import CannotCopy, RowRefused, copy


class Command(BaseCommand):
    help = _(
        "Copies all rows between the database of DATABASE_URL and another one: a backup, "
        "its restoration, a move from SQLite to MySQL. The target must be empty."
    )
    epilog = _(
        "exit code: 0 copied; 1 the target does not take a row, nothing was kept; "
        "2 bad input, or a target that is not empty; 3 a database did not answer"
    )
    requires_migrations_checks = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(prog_name, subcommand, epilog=self.epilog, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        one = parser.add_mutually_exclusive_group(required=True)
        one.add_argument("--to", metavar="URL", help=_("copy from DATABASE_URL to this one"))
        one.add_argument(
            "--from",
            metavar="URL",
            dest="origin",
            help=_("copy from this one to DATABASE_URL"),
        )

    def handle(self, *, to: str | None, origin: str | None, **options: Any) -> None:
        ours = deepcopy(settings.DATABASES["default"])
        began = time.monotonic()
        try:
            if to is not None:
                with _new_file(env_urls.database_url("--to", to)) as target:
                    counts = _copy(ours, target)
            else:
                counts = _copy(_existing(env_urls.database_url("--from", str(origin))), ours)
        except CannotCopy as error:
            raise CommandError(str(error), returncode=2) from error
        except RowRefused as error:
            raise CommandError(str(error), returncode=1) from error
        except Error as error:
            raise CommandError(
                _("The database did not answer: %s") % error, returncode=3
            ) from error
        self.stdout.write(
            _("Copied %(rows)d rows of %(tables)d tables in %(seconds).1f s.")
            % {
                "rows": sum(counts.values()),
                "tables": len(counts),
                "seconds": time.monotonic() - began,
            }
        )


def _copy(source: dict[str, Any], target: dict[str, Any]) -> dict[str, int]:
    entries = {"source": _reading(source), "target": _writing(target)}
    with_default = connections.configure_settings({"default": {}, **entries})
    try:
        for alias in entries:
            connections.settings[alias] = with_default[alias]
        return copy("source", "target")
    finally:
        for alias in entries:
            connections[alias].close()
            del connections[alias]
            del connections.settings[alias]


def _reading(entry: dict[str, Any]) -> dict[str, Any]:
    """One moment of the source, from the first look on, whatever workers write meanwhile."""
    if _is_file(entry):
        # DEFERRED: a reader beside writers, who would wait for an IMMEDIATE one.
        options = {"transaction_mode": "DEFERRED", "init_command": "PRAGMA query_only=ON"}
    else:
        options = {"isolation_level": "repeatable read"}
    return entry | {"OPTIONS": _kept(entry) | options}


def _writing(entry: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any]
    if _is_file(entry):
        options = {"transaction_mode": "IMMEDIATE"}
    else:
        # Bytes that say themselves that they are no text: many rows fit into a statement.
        options = {"isolation_level": "read committed", "binary_prefix": True}
    return entry | {"OPTIONS": _kept(entry) | options}


def _kept(entry: dict[str, Any]) -> dict[str, Any]:
    """Without the console's deadlines: counting a big table may take minutes."""
    kept = ("timeout",) if _is_file(entry) else ("charset", "init_command", "connect_timeout")
    return {name: value for name, value in entry["OPTIONS"].items() if name in kept}


@contextmanager
def _new_file(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A file appears under its name when it is whole, readable by its owner alone."""
    entry = {"OPTIONS": {}, **entry}
    if not _is_file(entry):
        yield entry
        return
    path = Path(entry["NAME"])
    if path.exists():
        raise CannotCopy(_("%s exists: name a new file.") % path)
    draft = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield entry | {"NAME": str(draft)}
        draft.rename(path)
    except OSError as error:
        raise CannotCopy(
            _("%(file)s cannot be written: %(reason)s.")
            % {"file": path, "reason": error.strerror}
        ) from error
    finally:
        draft.unlink(missing_ok=True)
        draft.with_name(f"{draft.name}-journal").unlink(missing_ok=True)


def _existing(entry: dict[str, Any]) -> dict[str, Any]:
    if _is_file(entry) and not Path(entry["NAME"]).is_file():  # SQLite would make it
        raise CannotCopy(_("There is no file %s.") % entry["NAME"])
    return {"OPTIONS": {}, **entry}


def _is_file(entry: dict[str, Any]) -> bool:
    return bool(entry["ENGINE"].endswith("sqlite3"))
