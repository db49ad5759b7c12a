"""Two tables of the demo's record: the modules with their counts, and what broke and how."""

from __future__ import annotations

from collections import Counter

from django.utils.translation import gettext as _
from rich.table import Table
from rich.text import Text

from runs.choices import Outcome
from runs.models import Result
from runs.terminal import STYLES


def modules_table(results: list[Result]) -> Table:
    """How many results of each module came to what."""
    table = Table(title=_("Modules"))
    table.add_column(_("module"))
    shown = [outcome for outcome in Outcome if any(r.outcome == outcome for r in results)]
    for heading in (_("results"), *(outcome.label for outcome in shown), _("ms")):
        table.add_column(str(heading), justify="right")
    paths = [result.case_path.removesuffix(f"/{result.case_name}") for result in results]
    for path in sorted(set(paths)):
        own = [r for r, module in zip(results, paths, strict=True) if module == path]
        counts = Counter(result.outcome for result in own)
        table.add_row(
            path,
            str(len(own)),
            *(Text(str(counts[o] or ""), STYLES[o]) for o in shown),
            f"{sum(result.duration_ms for result in own):.0f}",
        )
    return table


def assertions_table(result: Result) -> Table:
    """What was expected and what came, for each assertion of the step that broke."""
    table = Table(title=result.case_name)
    for heading in (_("assertion"), _("expected"), _("actual"), _("outcome")):
        table.add_column(str(heading), overflow="fold")
    for step in result.attempts.get().read()["steps"]:
        if step["outcome"] == Outcome.PASSED:
            continue
        for a in step["assertions"]:
            filters = a["filters"] and f"| {a['filters']}"
            words = (
                a["source"],
                a["path"],
                filters,
                _("not") if a["negated"] else "",
                a["comparator"],
            )
            table.add_row(
                " ".join(filter(None, words)),
                str(a["expected"]),
                str(a["actual"]),
                Text(str(Outcome(a["outcome"]).label), STYLES[Outcome(a["outcome"])]),
            )
    return table
