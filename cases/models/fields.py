"""Field types of our own."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.lookups import IContains


class KeyField(models.CharField):
    """A name that is a key: stripped, and compared byte by byte on every database.

    MySQL's default collation refuses `token` beside `Token`, SQLite's does not; a
    binary collation makes both behave like SQLite.
    """

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = value.strip()
            setattr(model_instance, self.attname, value)
        return value


@KeyField.register_lookup
class SearchKey(IContains):
    """`name__icontains`: people who search do not mind capitals, the collation does."""

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> tuple[str, Any]:
        sql, params = super().process_lhs(compiler, connection, lhs)
        if connection.vendor == "mysql":
            sql = f"{sql} COLLATE utf8mb4_unicode_ci"
        return sql, params
