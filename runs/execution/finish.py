"""The last chunk closes the run."""

from __future__ import annotations

from django.db.models.functions import Now

from cases.models import Case
from runs.choices import OPEN, WORST_FIRST, Outcome, RunStatus
from runs.models import Result, Run


def close(run: Run) -> bool:
    """End a run that has no unfinished chunk. False if somebody else just did.

    The outcome is its worst result's; cancelled says that it may not be all.
    """
    counts = run.counts()
    outcome = next((o.value for o in WORST_FIRST if counts[o.value]), "")
    done = sum(counts.values()) - counts[Outcome.SKIPPED] >= run.n_total
    cancelled = run.cancel_requested_at is not None and not done
    return (
        Run.objects.filter(pk=run.pk, status__in=OPEN).update(
            status=RunStatus.CANCELLED if cancelled else RunStatus.FINISHED,
            outcome=outcome,
            finished_at=Now(),
        )
        == 1
    )


def note_on_cases(run: Run) -> None:
    """Write each case's last outcome, the worst of its rows, onto the case."""
    for outcome in reversed(WORST_FIRST):
        having = Result.objects.filter(run=run, outcome=outcome.value)
        Case.objects.filter(pk__in=having.values("case_id")).update(
            last_outcome=outcome.value, last_run_at=Now()
        )
