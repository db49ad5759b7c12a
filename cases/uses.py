"""Which cases name what is kept for all of them: `AttachmentUse` and `SchemaUse`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

from django.utils.translation import gettext as _

from cases.models import AttachmentUse, SchemaUse
from cases.paths import module_paths

# Those that a sentence names.
NAMED = 10
Use = TypeVar("Use", AttachmentUse, SchemaUse)


def note(model: type[Use], wanted: set[tuple[int, str]], case_ids: Collection[int]) -> None:
    """Make these pairs of case and name what is on record for these cases."""
    rows = model.objects.filter(case__in=list(case_ids))
    known = {
        (case_id, name): pk for pk, case_id, name in rows.values_list("pk", "case", "name")
    }
    if gone := known.keys() - wanted:
        model.objects.filter(pk__in=[known[key] for key in gone]).delete()
    if new := wanted - known.keys():
        model.objects.bulk_create(
            model(case_id=case_id, name=name) for case_id, name in sorted(new)
        )


def users(model: type[Use], names: Iterable[str]) -> dict[str, dict[int, str]]:
    """By the names that are used: the cases that do, their ids and paths."""
    uses = model.objects.filter(name__in=list(names)).select_related("case")
    rows = list(uses.order_by("name", "case__module", "case__name"))
    paths = module_paths() if rows else {}
    found: dict[str, dict[int, str]] = {}
    for row in rows:
        path = f"{paths[row.case.module_id]}/{row.case.name}"
        found.setdefault(row.name, {})[row.case_id] = path
    return found


def in_words(names: Iterable[str]) -> str:
    """Users for a sentence: the first of many, and how many more there are."""
    all_names = list(names)
    named = ", ".join(all_names[:NAMED])
    if len(all_names) <= NAMED:
        return named
    return _("%(cases)s and %(count)d more") % {
        "cases": named,
        "count": len(all_names) - NAMED,
    }
