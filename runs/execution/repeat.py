"""A run once more: what it selected, or what of it is broken, as the cases are today."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.models import Case, Environment
from runs.execution.selection import EmptySelection, PlanError, Selection
from runs.models import Run

NAMED = 10


def selection_again(run: Run, *, failed_only: bool) -> Selection:
    """What to plan. Raises `PlanError`."""
    if run.is_open:
        raise PlanError(_("Run %d has not ended yet.") % run.pk)
    if failed_only:
        if not run.results.broken().exists():
            raise EmptySelection(_("Run %d has no failed results on record.") % run.pk)
        return Selection(failed_of=run.pk)
    if not run.selection:
        raise PlanError(_("Run %d never knew what to run; start its plan instead.") % run.pk)
    return Selection.from_dict(run.selection)


def environment_again(run: Run) -> Environment:
    """The environment of that name, with the values of today. Raises `PlanError`."""
    environment = Environment.objects.filter(name=run.environment_name).first()
    if environment is None:
        raise PlanError(_("There is no environment “%s” any more.") % run.environment_name)
    return environment


def left_out(run: Run, *, failed_only: bool) -> str:
    """The cases that were deleted or are not active any more, in one sentence; empty
    without any."""
    rows = run.results.broken() if failed_only else run.results.all()
    gone = rows.exclude(case_id__in=Case.objects.runnable().values("pk"))
    paths = sorted(set(gone.order_by().values_list("case_path", flat=True)))
    if not paths:
        return ""
    names = ", ".join(paths[:NAMED])
    if len(paths) > NAMED:
        names = _("%(names)s and %(n)d more") % {"names": names, "n": len(paths) - NAMED}
    return _("Left out, because they are deleted or not active: %s.") % names
