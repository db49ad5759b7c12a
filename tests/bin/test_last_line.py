"""The last line of `make test`: what passed where, what was left out and why."""

from __future__ import annotations

import pytest

from bin.test import last_line

SQLITE = {
    "counts": {
        "sqlite": {"passed": 812, "skipped": 3},
        "mariadb": {"passed": 20},
        "redis": {"passed": 58},
        "browser": {"passed": 41},
    },
    "mariadb_version": "",
}
MARIADB = {"counts": {"mariadb": {"passed": 620}}, "mariadb_version": "10.11.19"}


@pytest.mark.parametrize(
    ("found", "missing", "line"),
    [
        (
            [SQLITE, MARIADB],
            {},
            "stores: sqlite 812 passed · mariadb 10.11.19 640 passed"
            " · redis 58 passed · browser 41 passed",
        ),
        (
            [{"counts": {"sqlite": {"passed": 7}, "mariadb": {"skipped": 4}}}],
            {"mariadb": "mariadbd is not installed", "redis": "a", "browser": "b"},
            "stores: sqlite 7 passed · mariadb skipped (mariadbd is not installed)"
            " · redis skipped (a) · browser skipped (b)",
        ),
        (
            [{"counts": {"sqlite": {"passed": 7, "failed": 2}}}, {}],
            {},
            "stores: sqlite 7 passed 2 failed · mariadb 0 passed"
            " · redis 0 passed · browser 0 passed",
        ),
    ],
)
def test_last_line(found, missing, line) -> None:
    assert last_line(found, missing) == line
