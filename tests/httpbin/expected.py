"""tests/httpbin/project.yaml: the project, and what each case of it must come to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cases.importers import strict_yaml
from cases.importers.project import Project
from cases.importers.testhub import read

FILE = Path(__file__).with_name("project.yaml")
WRITTEN_PORT = "8002"

Key = tuple[str, str]  # path of the case, name of the row


class Expected(NamedTuple):
    outcome: str
    message: str = ""  # a piece of it; all of it when a case passes


def load(port: int) -> tuple[Project, dict[Key, Expected]]:
    """The project for an httpbin on that port, and its expectations row by row."""
    text = FILE.read_text(encoding="utf-8").replace(WRITTEN_PORT, str(port))
    document = strict_yaml.load(text)
    expected = dict(_taken(document["modules"], ""))
    project = read(document, FILE.name)
    rows = {entry.name: [row.name for row in entry.rows] for entry in project.datasets}
    return project, {
        (path, row): expected[path]
        for path, case in project.cases()
        for row in rows.get(case.dataset, [""])
    }


def differences(expected: dict[Key, Expected], actual: dict[Key, tuple[str, str]]) -> list[str]:
    """One sentence for every result that is missing, too many, or not as expected."""
    found = []
    for key in sorted(expected.keys() | actual.keys()):
        wanted, got = expected.get(key), actual.get(key)
        if wanted is None or got is None:
            found.append(f"{key}: wanted {wanted}, got {got}")
        elif wanted.outcome != got[0] or wanted.message not in got[1]:
            found.append(f"{key}: wanted {tuple(wanted)}, got {got}")
    return found


def _taken(modules: list[Any], above: str) -> Iterator[tuple[str, Expected]]:
    """Take `expect:` out of every case: `passed`, or `{outcome: piece of message}`."""
    for module in modules:
        path = f"{above}/{module['name']}".lstrip("/")
        for case in module.get("cases", ()):
            expect = case.pop("expect")
            if isinstance(expect, dict):
                ((outcome, message),) = expect.items()
                yield f"{path}/{case['name']}", Expected(outcome, message)
            else:
                yield f"{path}/{case['name']}", Expected(expect)
        yield from _taken(module.get("modules", []), path)
