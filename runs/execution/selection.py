"""What a run is asked to execute, as plain data; and in which environment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.models import Case, Environment, Module
from cases.querysets import CaseQuerySet, subtree_ids
from runs.models import Plan, Result
from runs.querysets import ResultQuerySet


class PlanError(Exception):
    """A run that cannot be planned; the text is one sentence for the person who asked."""


class EmptySelection(PlanError):
    """Nothing to run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Cases by id, modules with all below them, tags: what any of these names is run.

    `failed_of`: the number of a run of which everything broken is run, of a case with a
    dataset the broken rows.
    """

    case_ids: tuple[int, ...] = ()
    module_ids: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    everything: bool = False
    failed_of: int | None = None

    @classmethod
    def of_plan(cls, plan: Plan) -> Self:
        return cls(
            case_ids=tuple(plan.cases.values_list("pk", flat=True)),
            module_ids=tuple(plan.modules.values_list("pk", flat=True)),
            tags=tuple(plan.tags.values_list("name", flat=True)),
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        return cls(
            case_ids=tuple(data["case_ids"]),
            module_ids=tuple(data["module_ids"]),
            tags=tuple(data["tags"]),
            everything=data["everything"],
            failed_of=data["failed_of"],
        )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def cases(self) -> CaseQuerySet:
        """Its runnable cases, in the order of the tree."""
        runnable = Case.objects.runnable().order_by("module_id", "name")
        if self.everything:
            return runnable
        wanted = Q(pk__in=self.case_ids)
        if self.module_ids:
            wanted |= Q(module_id__in=subtree_ids(self.module_ids))
        if self.tags:
            wanted |= Q(pk__in=Case.objects.tagged(self.tags).values("pk"))
        if self.failed_of is not None:
            wanted |= Q(pk__in=self._broken().values("case_id"))
        return runnable.filter(wanted)

    def rows(self) -> dict[int, set[str]]:
        """Of which cases only some rows are run, by the rows' names: their numbers move
        when somebody edits the dataset."""
        found: dict[int, set[str]] = {}
        if self.failed_of is not None:
            rows = self._broken().filter(row_no__gt=0).values_list("case_id", "row_name")
            for case_id, name in rows:
                found.setdefault(case_id, set()).add(name)
        return found

    def _broken(self) -> ResultQuerySet:
        """Without `failed_of` none."""
        return Result.objects.filter(run=self.failed_of).order_by().broken()

    def title(self) -> str:
        """A few words for lists: `shop/orders`, `3 cases`."""
        if self.everything:
            return _("All cases")
        names = [module.path for module in Module.objects.filter(pk__in=self.module_ids)]
        names += [f"#{tag}" for tag in self.tags]
        if len(self.case_ids) == 1:
            names += Case.objects.filter(pk=self.case_ids[0]).values_list("name", flat=True)
        elif self.case_ids:
            names.append(_("%d cases") % len(self.case_ids))
        text = ", ".join(names)
        return text if len(text) <= 300 else f"{text[:299]}…"


def default_environment(selection: Selection) -> Environment:
    """The one environment that the selected cases' modules name, themselves or through
    the modules above them.

    Raises `PlanError`, naming the choices, if they name none or several.
    """
    module_ids = set(
        selection.cases().order_by().values_list("module_id", flat=True).distinct()
    )
    named = _inherited(module_ids | set(selection.module_ids))
    if len(named) == 1:
        return Environment.objects.get(pk=named.pop())
    choices = ", ".join(Environment.objects.values_list("name", flat=True))
    raise PlanError(
        _("Say in which environment to run: %s.") % (choices or _("there is none yet"))
    )


def _inherited(module_ids: Iterable[int]) -> set[int]:
    rows = Module.objects.order_by().values_list("pk", "parent_id", "default_environment_id")
    tree = {pk: (parent, environment) for pk, parent, environment in rows}
    found: set[int] = set()
    for module_id in module_ids:
        node: int | None = module_id
        while node is not None and node in tree:
            parent, environment = tree[node]
            if environment is not None:
                found.add(environment)
                break
            node = parent
    return found
