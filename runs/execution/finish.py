"""The last chunk closes the run."""

from __future__ import annotations

from django.db.models.functions import Now

from cases.models import Case
from runs.choices import OPEN, WORST_FIRST, Outcome, RunStatus
from runs.models import Result, Run


def close(run: Run) -> bool:
    """End a run that has no unfinished chunk. False if somebody else just did.

    The outcome is its worst result's; cancelled says that it may not be all. Stands in a
    transaction: the run and what its cases say of it change together.
    """
    counts = run.counts()
    outcome = next((o.value for o in WORST_FIRST if counts[o.value]), "")
    n_sent = sum(counts.values()) - counts[Outcome.SKIPPED]
    complete = run.planned_at is not None and n_sent >= run.n_total
    cancelled = run.cancel_requested_at is not None and not complete
    closed = Run.objects.filter(pk=run.pk, status__in=OPEN).update(
        status=RunStatus.CANCELLED if cancelled else RunStatus.FINISHED,
        outcome=outcome,
        finished_at=Now(),
    )
    if closed != 1:
        return False
    run.shared_values.all().delete()  # nobody has use for its access tokens any more
    _note_on_cases(run, counts)
    return True


def _note_on_cases(run: Run, counts: dict[str, int]) -> None:
    """Write each case's last outcome, the worst of its rows, onto the case.

    Skipped is left out: it says nothing about a case.
    """
    for outcome in reversed(WORST_FIRST):
        if outcome.value == Outcome.SKIPPED or not counts[outcome.value]:
            continue
        having = Result.objects.filter(run=run, outcome=outcome.value)
        Case.objects.filter(pk__in=having.values("case_id")).update(
            last_outcome=outcome.value, last_run_at=Now()
        )
