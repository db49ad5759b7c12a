"""Outcomes, counts and lengths as people read them, in lists and on pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from runs.choices import Outcome, RunStatus
from runs.models import Result, Run
from runs.record import value_text

register = template.Library()

# Never colour alone: a sign and a word stand beside it.
ICONS: dict[str, str] = {
    Outcome.PASSED: "check_circle",
    Outcome.FAILED: "cancel",
    Outcome.ERROR: "error",
    Outcome.SKIPPED: "do_not_disturb_on",
    Outcome.BLOCKED: "block",
    RunStatus.QUEUED: "schedule",
    RunStatus.RUNNING: "progress_activity",
    RunStatus.FINISHED: "task_alt",
    RunStatus.CANCELLED: "stop_circle",
    RunStatus.LOST: "help",
}
# As a bar shows them, and people look for them.
ORDER = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.BLOCKED,
    Outcome.SKIPPED,
)


@register.filter
def outcome(value: str) -> SafeString | str:
    """An outcome or a status with its sign."""
    if not value:
        return "–"
    words: dict[str, object] = {**dict(Outcome.choices), **dict(RunStatus.choices)}
    return format_html(
        '<span class="th-outcome th-{}"><span class="material-symbols-outlined" '
        'aria-hidden="true">{}</span>{}</span>',
        value,
        ICONS.get(value, "help"),
        words.get(value, value),
    )


@register.filter
def verdict(result: Result) -> SafeString | str:
    """A result's outcome, and whether it took more than one attempt."""
    shown = outcome(result.outcome)
    if result.n_attempts == 1:
        return shown
    mark = _("on retry") if result.passed_on_retry else _("%d attempts") % result.n_attempts
    return format_html('{} <span class="th-mark">{}</span>', shown, mark)


@register.filter
def state(run: Run) -> SafeString | str:
    """A run's outcome once it has one; before that, or if it was stopped, its status."""
    if run.status == RunStatus.FINISHED:
        return outcome(run.outcome)
    if run.outcome:
        return format_html("{} {}", outcome(run.status), outcome(run.outcome))
    return outcome(run.status)


@register.filter
def repetition(run: Run) -> str:
    """What a run does once more; empty of one that stands for itself."""
    if run.repeats_id is None:
        return ""
    if run.repeats_failed_only:
        return _("the failed ones of run %d") % run.repeats_id
    return _("run %d again") % run.repeats_id


@register.filter
def bar(counts: Mapping[str, int]) -> SafeString:
    """A bar of a run's counts; `n_total` in the mapping is its whole length."""
    total = counts.get("n_total", 0)
    parts = [(name, counts.get(name) or 0) for name in ORDER]
    open_ = max(total - sum(count for _name, count in parts), 0)
    spans = format_html_join(
        "",
        '<span class="th-{}" style="flex-grow:{}" title="{} {}"></span>',
        ((name, count, count, Outcome(name).label) for name, count in parts if count),
    )
    rest = format_html('<span style="flex-grow:{};background:none"></span>', open_)
    return format_html('<div class="th-bar">{}{}</div>', spans, rest if open_ else "")


@register.filter
def counted(counts: Mapping[str, int]) -> SafeString | str:
    """`38 passed 2 on retry  1 failed`: what there is none of is left out."""
    parts = [(name, counts.get(name)) for name in ORDER if counts.get(name)]
    if not parts:
        return "–"
    on_retry = counts.get("passed_on_retry")
    words = format_html_join(
        " ",
        '<span class="th-{}">{} {}{}</span>',
        (
            (name, count, Outcome(name).label, _on_retry(on_retry if name == "passed" else 0))
            for name, count in parts
        ),
    )
    return format_html('<span class="th-counts">{}</span>', words)


def _on_retry(n: int | None) -> SafeString | str:
    """How many of those that passed did so on a retry."""
    return format_html(' <span class="th-mark">{}</span>', _("%d on retry") % n) if n else ""


@register.filter
def numbers(found: Iterable[int]) -> str:
    """Numbers of the database server, as it writes them: `57, 58`."""
    return ", ".join(str(number) for number in found) or "–"


@register.filter
def length_ms(value: float | timedelta | None) -> str:
    """Milliseconds or a timedelta: `7 ms`, `1.4 s`, `3 min 5 s`, `2 h 5 min`."""
    if value is None:
        return "–"
    ms = value.total_seconds() * 1000 if isinstance(value, timedelta) else value
    if ms < 1000:
        return _("%s ms") % (f"{ms:.0f}" if ms >= 10 else f"{ms:.1f}")
    if ms < 60_000:
        return _("%.1f s") % (ms / 1000)
    minutes, seconds = divmod(round(ms / 1000), 60)
    if minutes < 60:
        return _("%(minutes)d min %(seconds)d s") % {
            "minutes": minutes,
            "seconds": seconds,
        }
    hours, minutes = divmod(minutes, 60)
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """`2026-11-23 14:10:36` in the reader's zone, never broken into lines."""
    if at is None:
        return "–"
    text = f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
    return format_html('<span class="th-nowrap">{}</span>', text)


def counts_of(run: Any) -> dict[str, int]:
    """What `bar` and `counted` take, of a run that was read `with_counts()`."""
    names = (*Outcome.values, "passed_on_retry")
    found = {name: getattr(run, f"n_{name}") or 0 for name in names}
    return {**found, "n_total": run.n_total}


@register.filter
def json_text(value: Any) -> str:
    """A value with its type to be seen: texts stand in quotes."""
    return value_text(value)
