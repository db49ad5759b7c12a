"""What the end of a run is news of, and which channels want to hear it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from runs.choices import News, Outcome, RunStatus, Tell, Trigger
from runs.models import Result, Run

BAD = (News.BROKEN, News.MORE_BROKEN, News.STILL_BROKEN)
TOLD = {
    Tell.NOT_GREEN: (*BAD, News.CANCELLED),
    Tell.CHANGED: (News.BROKEN, News.MORE_BROKEN, News.RECOVERED),
    Tell.ALWAYS: tuple(News),
}


def is_wanted(news: News, tell: str) -> bool:
    return news in TOLD[Tell(tell)]


def news_of(run: Run) -> News:
    """Compare an ended run with the one before it: of its plan and environment, scheduled
    too, and not cancelled, for that would say nothing."""
    if run.status == RunStatus.CANCELLED:
        return News.CANCELLED
    before = _before(run)
    was_green = before is None or _is_green(before)
    if _is_green(run):
        return News.GREEN if was_green else News.RECOVERED
    if before is None or was_green:
        return News.BROKEN
    return News.MORE_BROKEN if _is_worse(run, before) else News.STILL_BROKEN


def _before(run: Run) -> Run | None:
    if run.plan_id is None:  # deleted meanwhile
        return None
    alike = Run.objects.filter(
        plan_id=run.plan_id,
        environment_name=run.environment_name,
        trigger=Trigger.SCHEDULE,
        status__in=(RunStatus.FINISHED, RunStatus.LOST),
    )
    return alike.filter(pk__lt=run.pk).order_by("-pk").first()


def _is_green(run: Run) -> bool:
    return run.status == RunStatus.FINISHED and run.outcome in (
        Outcome.PASSED,
        Outcome.SKIPPED,
    )


def _is_worse(run: Run, before: Run) -> bool:
    """Something is broken that was not: another case, or now nothing runs at all."""
    if run.status == RunStatus.LOST:
        return before.status != RunStatus.LOST
    same = Result.objects.broken().filter(
        run=before, case_id=OuterRef("case_id"), row_no=OuterRef("row_no")
    )
    return bool(run.results.broken().exclude(Exists(same)).exists())
