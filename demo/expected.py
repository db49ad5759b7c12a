"""What a run of the demo plan must come to, case by case."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from cases.engine.outcome import Outcome
from cases.importers.project import Project

ON_PURPOSE = "(fails on purpose)"

Key = tuple[str, str]  # path of the case, name of the row


def expected_outcomes(project: Project) -> dict[Key, str]:
    """Everything passes but the case whose name says that it does not."""
    rows = {entry.name: [row.name for row in entry.rows] for entry in project.datasets}
    return {
        (path, row): (Outcome.FAILED if path.endswith(ON_PURPOSE) else Outcome.PASSED).value
        for path, case in project.cases()
        for row in rows.get(case.dataset, [""])
    }


def differences(expected: Mapping[Key, str], actual: Mapping[Key, str]) -> list[str]:
    """One sentence for every result that is missing, too many, or not as expected."""
    sentences = []
    for key in sorted(expected.keys() | actual.keys()):
        wanted, got = expected.get(key), actual.get(key)
        if wanted != got:
            name = " / ".join(filter(None, key))
            sentences.append(
                _("%(name)s: %(got)s instead of %(wanted)s.")
                % {"name": name, "got": got or _("no result"), "wanted": wanted or _("none")}
            )
    return sentences
