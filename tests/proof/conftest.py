"""Collects what the proofs note and prints it as one table, also when one of them fails.

What was done is the first line of a proof's docstring, with the values of its parameters.
Proofs run in one process: what they note stays in it.
"""

from __future__ import annotations

import pytest

from tests.proof import table
from tests.proof.table import Row

_rows: dict[str, Row] = {}


@pytest.fixture
def row(request: pytest.FixtureRequest) -> Row:
    """The proof's row of the table: `row.many = "5,000 cases"`, `row.seen.append(...)`."""
    return _row(request.node.nodeid, _done(request.node))


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.get_closest_marker("proof"):
        # Also for a proof that never gets as far as its fixtures.
        item.user_properties.append(("done", _done(item)))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    done = dict(report.user_properties).get("done")
    if done is None:
        return
    row = _row(report.nodeid, str(done))
    if report.failed:
        row.verdict = "FAILED"
        row.seen.append(_first_line(report))
    elif report.skipped:
        row.verdict = "skipped"
        row.seen.append(_first_line(report).removeprefix("Skipped: "))
    elif report.when == "call":
        row.verdict = "ok"


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _rows:
        return
    terminalreporter.section("proofs")
    for line in table.lines(_rows.values()):
        terminalreporter.write_line(line)


def _row(nodeid: str, done: str) -> Row:
    return _rows.setdefault(nodeid, Row(done))


def _done(item: pytest.Item) -> str:
    assert isinstance(item, pytest.Function)
    sentence = (item.function.__doc__ or item.name).strip().partition("\n")[0].rstrip(".:")
    callspec = getattr(item, "callspec", None)
    return sentence.format(**callspec.params) if callspec else sentence


def _first_line(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):  # a skip: file, line, reason
        return report.longrepr[2]
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr)
    return text.partition("\n")[0]
