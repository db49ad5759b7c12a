"""How many tests passed in which column: the store of the session, MariaDB, Redis ...

A test stands in one column: that of the server or browser that it names by a marker,
else that of the session's store. The counts go to the file `TESTHUB_TEST_COUNTS` names;
`bin/test.py` makes the last line of `make test` from them.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tests import store

COLUMNS = ("browser", "redis", "mariadb")

_counts: dict[str, Counter[str]] = {}


def put_in_column(item: pytest.Item) -> None:
    named = (name for name in COLUMNS if item.get_closest_marker(name))
    # Properties travel with the report from a worker to the process that counts.
    item.user_properties.append(("column", next(named, store.NAME)))


def count(report: pytest.TestReport) -> None:
    column = dict(report.user_properties).get("column")
    if column is None:
        return
    counts = _counts.setdefault(str(column), Counter())
    if report.failed:
        counts["failed"] += 1
    elif report.skipped:
        counts["skipped"] += 1
    elif report.when == "call":
        counts["passed"] += 1


def write() -> None:
    """For the process that started pytest; nothing when it did not ask."""
    path = os.environ.get("TESTHUB_TEST_COUNTS")
    if not path or "PYTEST_XDIST_WORKER" in os.environ:
        return
    server = store.server()
    written = {
        "counts": _counts,
        "mariadb_version": server.version if server else "",
    }
    Path(path).write_text(json.dumps(written), encoding="utf-8")
