"""All rows of one database into an empty one: backup, restore, and the move to MySQL.

What is read is one moment of the source, while workers go on; the target gets everything
or nothing. Rows keep their keys, and what they say is copied as it is stored: secrets stay
encrypted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import DataError, IntegrityError, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from testhub import last_numbers

# Hints, for which the watch sends new ones, and django-q2's notes on tasks that are over.
LEFT_OUT = {"django_q.ormq", "django_q.task"}
# Rows that `migrate` itself puts into an empty database; those of the source replace them.
MADE_BY_MIGRATE = {"contenttypes.contenttype", "auth.permission", "django_q.schedule"}
# Heavy rows are a few KB each, and a page of them is held in memory.
PAGE = 500

Row = tuple[Any, ...]


class CannotCopy(Exception):
    """One of the two databases is not fit for it. Its text is a sentence for an operator."""


class RowRefused(Exception):
    """The target does not take a row that the source has."""


def copy(source: str, target: str) -> dict[str, int]:
    """Copy between two aliases of `connections`; the target's tables are made here.

    Returns the number of rows by table. Raises `CannotCopy` before anything was written,
    and `RowRefused` when nothing of what was written is kept.
    """
    check_migrations(source)
    call_command("migrate", database=target, verbosity=0, interactive=False)
    check_empty(target)
    connection = connections[target]
    with transaction.atomic(source), transaction.atomic(target):
        # Cases and their versions point at each other: no order of tables would do.
        with connection.constraint_checks_disabled():
            _clear(target)
            counts = {
                model._meta.db_table: _copy_table(model, source, target)
                for model in copied_models()
            }
        _check_copied(counts, target)
    last_numbers.carry_over(connections[source], connection, counts)
    return counts


def check_migrations(source: str) -> None:
    """Both sides must have the same columns. Raises `CannotCopy`."""
    executor = MigrationExecutor(connections[source])
    loader = executor.loader
    missing = [str(step) for step, _back in executor.migration_plan(loader.graph.leaf_nodes())]
    if len(missing) == len(loader.graph.nodes):
        raise CannotCopy(_("The source is no database of testhub."))
    if missing:
        raise CannotCopy(
            _("The source lacks the migration %s: run “manage.py migrate” on it first.")
            % missing[0]
        )
    unknown = sorted(
        ".".join(key)
        for key in loader.applied_migrations
        if key[0] in loader.migrated_apps and key not in loader.disk_migrations
    )
    if unknown:
        raise CannotCopy(
            _("The source was made by a newer testhub: it has the migration %s.") % unknown[0]
        )


def check_empty(target: str) -> None:
    """Nothing is ever overwritten or mixed. Raises `CannotCopy`."""
    for model in copied_models():
        rows = model._base_manager.using(target)
        if model._meta.label_lower not in MADE_BY_MIGRATE and rows.exists():
            raise CannotCopy(
                _("The target is in use: table %s holds rows. Give it an empty database.")
                % model._meta.db_table
            )


def copied_models() -> list[type[models.Model]]:
    """Every table of testhub, of Django and of django-q2 but those of LEFT_OUT."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and not model._meta.proxy
        and model._meta.label_lower not in LEFT_OUT
    ]


def _clear(target: str) -> None:
    for label in MADE_BY_MIGRATE:
        apps.get_model(label)._base_manager.using(target).all()._raw_delete(target)


def _copy_table(model: type[models.Model], source: str, target: str) -> int:
    """By columns, not by objects: no `auto_now`, no signal, no `save()` changes a value."""
    connection = connections[target]
    fields = list(model._meta.local_concrete_fields)
    quote = connection.ops.quote_name
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)}"
        f" ({', '.join(quote(str(field.column)) for field in fields)})"
        f" VALUES ({', '.join(['%s'] * len(fields))})"
    )
    n_rows = 0
    with connection.cursor() as cursor:
        for page in _pages(model, [field.attname for field in fields], source):
            values = [
                [
                    field.get_db_prep_save(value, connection)
                    for field, value in zip(fields, row, strict=True)
                ]
                for row in page
            ]
            try:
                cursor.executemany(statement, values)
            except (DataError, IntegrityError) as error:
                raise RowRefused(
                    _("Table %(table)s does not take a row: %(reason)s")
                    % {"table": model._meta.db_table, "reason": error}
                ) from error
            n_rows += len(page)
    return n_rows


def _pages(model: type[models.Model], names: list[str], source: str) -> Iterator[list[Row]]:
    """By key: the MySQL client would otherwise hold the whole table in memory."""
    key = names.index(model._meta.pk.attname)
    rows = model._base_manager.using(source).order_by("pk")
    page = list(rows.values_list(*names)[:PAGE])
    while page:
        yield page
        page = list(rows.filter(pk__gt=page[-1][key]).values_list(*names)[:PAGE])


def _check_copied(counts: dict[str, int], target: str) -> None:
    """Every row is there, and every key leads somewhere."""
    for model in copied_models():
        table = model._meta.db_table
        n_rows = model._base_manager.using(target).count()
        if n_rows != counts[table]:
            raise RowRefused(
                _("Table %(table)s has %(there)d rows after %(copied)d were copied.")
                % {"table": table, "there": n_rows, "copied": counts[table]}
            )
    try:
        connections[target].check_constraints()
    except IntegrityError as error:
        raise RowRefused(str(error)) from error
