"""A run on a terminal: progress while it lasts, then what failed and why."""

from __future__ import annotations

import time

from django.db import close_old_connections, connection
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from runs import tasks
from runs.choices import Outcome, RunStatus
from runs.models import Run
from runs.workers import cluster_status

PERIOD_S = 0.25
# The watch is asked this often while somebody waits.
WATCH_PERIOD_S = 2.0
# A cluster that starts needs a few seconds; then its absence is worth a sentence.
NO_WORKER_S = 8.0
# Nobody will come any more.
GIVE_UP_S = 30.0
MAX_BROKEN = 50
STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "red",
    Outcome.ERROR: "magenta",
    Outcome.SKIPPED: "dim",
    Outcome.BLOCKED: "yellow",
}


def follow(run: Run, console: Console | None = None) -> Run:
    """Show progress until the run has ended; returns it as it ended.

    Without a live worker it says so, and after `GIVE_UP_S` cancels the run.
    """
    console = console or Console()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(str(run), total=run.n_total or None, counts="")
        alive_at = watched_at = time.monotonic()
        told = False
        while True:
            if not connection.in_atomic_block:
                close_old_connections()
            run = Run.objects.get(pk=run.pk)
            counts, n_on_retry = run.counts_and_retried()
            progress.update(
                bar,
                completed=sum(counts.values()),
                total=run.n_total or None,
                counts=_in_words(counts, n_on_retry),
            )
            if not run.is_open:
                return run
            now = time.monotonic()
            status = cluster_status()
            if status.alive:
                alive_at, told = now, False
            elif now - alive_at > NO_WORKER_S and not told:
                console.print(Text(status.message, "bold yellow"))
                told = True
            if now - alive_at > GIVE_UP_S and run.cancel_requested_at is None:
                console.print(Text(_("Cancelled: nobody is there to run it."), "red"))
                run.cancel()
                tasks.settle(run)
            if now - watched_at > WATCH_PERIOD_S:
                watched_at = now
                tasks.watch(run.pk)
            time.sleep(PERIOD_S)


def show_record(run: Run, console: Console | None = None) -> None:
    """The verdict in one line, and a table of what failed and why."""
    console = console or Console()
    broken = run.results.broken().order_by("case_path", "row_no")
    n_broken = broken.count()
    if n_broken:
        table = Table(title=_("What did not pass"), show_lines=True)
        for heading in (_("outcome"), _("case"), _("why")):
            table.add_column(heading, overflow="fold")
        for result in broken[:MAX_BROKEN]:
            style = STYLES[Outcome(result.outcome)]
            table.add_row(
                Text(result.get_outcome_display(), style),
                Text(str(result)),
                Text(result.message),
            )
        console.print(table)
        if n_broken > MAX_BROKEN:
            console.print(_("… and %d more.") % (n_broken - MAX_BROKEN))
    counts, n_on_retry = run.counts_and_retried()
    verdict = run.get_outcome_display() if run.outcome else "–"
    if run.status != RunStatus.FINISHED:
        verdict = run.get_status_display()
    seconds = (
        (run.finished_at - run.started_at).total_seconds()
        if run.started_at and run.finished_at
        else 0
    )
    line = _("Run %(id)d: %(verdict)s – %(counts)s in %(seconds).1f s") % {
        "id": run.pk,
        "verdict": verdict,
        "counts": _in_words(counts, n_on_retry) or _("nothing ran"),
        "seconds": seconds,
    }
    console.print(Text(line, STYLES[Outcome(run.outcome)] if run.outcome else "bold"))
    if run.message:
        console.print(Text(run.message))


def _in_words(counts: dict[str, int], n_on_retry: int) -> str:
    """`38 passed (2 on retry) · 1 failed`"""
    parts = {outcome: f"{counts[outcome]} {outcome.label}" for outcome in Outcome}
    if n_on_retry:
        parts[Outcome.PASSED] += f" ({_('%d on retry') % n_on_retry})"
    return " · ".join(text for outcome, text in parts.items() if counts[outcome])
