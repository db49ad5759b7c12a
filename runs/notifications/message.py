"""What to say of an ended run: one sentence, some lines, and the same for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs.choices import News, Outcome, RunStatus

# Of so many broken results the reason is told.
SHOWN = 10
# Of a longer reason, in the text for people.
REASON_LENGTH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    title: str
    text: str
    data: dict[str, Any]
    is_good: bool


def run_message(
    run: Mapping[str, Any], broken: Sequence[Mapping[str, Any]], news: News, page: str
) -> Message:
    """`run` and `broken` (the first few) as `runs.reports` gives them, `page` of the run."""
    counts = run["counts"]
    n_broken = sum(counts[o] for o in (Outcome.FAILED, Outcome.ERROR, Outcome.BLOCKED))
    lines = [
        _("Run %(id)d of %(title)s in %(environment)s: %(state)s.")
        % {**run, "state": _state(run)}
    ]
    if run["n_total"]:
        lines.append(_counted(run))
    if run["message"]:
        lines.append(run["message"])
    if broken:
        lines += ["", *map(_line, broken)]
    if n_broken > len(broken):
        more = n_broken - len(broken)
        lines.append(ngettext("… and %d more.", "… and %d more.", more) % more)
    return Message(
        title=_title(run, news, n_broken),
        text="\n".join([*lines, "", page]),
        data={
            "event": "run.ended",
            "news": news.value,
            "run": {**run, "page": page},
            "n_broken": n_broken,
            "broken": list(broken),
        },
        is_good=news in (News.GREEN, News.RECOVERED),
    )


def test_message(channel: str, page: str) -> Message:
    """To see whether a channel works."""
    return Message(
        title=_("A test of the channel %s") % channel,
        text=_("Messages of testhub arrive here.") + f"\n\n{page}",
        data={"event": "test", "channel": channel, "page": page},
        is_good=True,
    )


def _title(run: Mapping[str, Any], news: News, n_broken: int) -> str:
    found = {
        "title": run["title"],
        "environment": run["environment"],
        "n_broken": n_broken,
        "n_total": run["n_total"],
    }
    if news == News.CANCELLED:
        return _("%(title)s in %(environment)s was cancelled") % found
    if news == News.RECOVERED:
        return _("%(title)s in %(environment)s is green again") % found
    if news == News.GREEN:
        return _("%(title)s in %(environment)s is green") % found
    if run["status"] == RunStatus.LOST:
        return _("%(title)s in %(environment)s could not run") % found
    if news == News.STILL_BROKEN:
        return (
            _("%(title)s in %(environment)s: still %(n_broken)d of %(n_total)d broken") % found
        )
    return _("%(title)s in %(environment)s: %(n_broken)d of %(n_total)d broken") % found


def _state(run: Mapping[str, Any]) -> str:
    if run["status"] == RunStatus.FINISHED and run["outcome"]:
        return str(Outcome(run["outcome"]).label)
    return str(RunStatus(run["status"]).label)


def _counted(run: Mapping[str, Any]) -> str:
    """`120 cases: 117 passed, 3 failed`: what there is none of is left out."""
    counts = run["counts"]
    parts = [f"{counts[o]} {Outcome(o).label}" for o in Outcome.values if counts[o]]
    cases = ngettext("%d case", "%d cases", run["n_total"]) % run["n_total"]
    return f"{cases}: {', '.join(parts)}" if parts else cases


def _line(result: Mapping[str, Any]) -> str:
    name = f"{result['path']} [{result['row_name']}]" if result["row_name"] else result["path"]
    reason = result["message"]
    if len(reason) > REASON_LENGTH:
        reason = reason[:REASON_LENGTH] + "…"
    return f"- {Outcome(result['outcome']).label}: {name}" + (f"\n  {reason}" if reason else "")
