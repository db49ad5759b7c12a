"""The console's pages for what testers write."""

from __future__ import annotations

from cases.admin import (
    attachment,
    case,
    dataset,
    environment,
    module,
    schema,
    tag,
    user,
    variable,
)

__all__ = [
    "attachment",
    "case",
    "dataset",
    "environment",
    "module",
    "schema",
    "tag",
    "user",
    "variable",
]
