"""The questions about cases that more than one page asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models

if TYPE_CHECKING:
    from cases.models import Case, Module  # noqa: F401  in the annotations' texts


class CaseQuerySet(models.QuerySet["Case"]):
    def runnable(self) -> CaseQuerySet:
        """Active cases that have something to send."""
        steps = apps.get_model("cases", "Step").objects
        has_steps = steps.filter(case=models.OuterRef("pk"))
        return self.filter(models.Exists(has_steps), is_active=True)

    def in_modules(self, modules: Iterable[Module | int]) -> CaseQuerySet:
        """Cases of these modules and of everything below them; one query for the tree."""
        roots = {getattr(module, "pk", module) for module in modules}
        return self.filter(module_id__in=subtree_ids(roots))

    def tagged(self, names: Iterable[str]) -> CaseQuerySet:
        """Cases that carry at least one of these tags."""
        tagged = self.model.tags.through.objects.filter(
            case_id=models.OuterRef("pk"), tag__name__in=list(names)
        )
        return self.filter(models.Exists(tagged))


def subtree_ids(roots: Iterable[int]) -> set[int]:
    """Ids of these modules and of all modules below them."""
    from cases.models import Case, Module  # noqa: F401  in the annotations' texts

    below: dict[int, list[int]] = {}
    for pk, parent in Module.objects.order_by().values_list("pk", "parent_id"):
        below.setdefault(parent or 0, []).append(pk)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pk = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting.extend(below.get(pk, ()))
    return found
