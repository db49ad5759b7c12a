"""`make proof` ends with a table, whatever became of the proofs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.installation import TOP
from tests.proof import table
from tests.proof.table import Row

PROOFS = '''
import pytest

pytestmark = pytest.mark.proof

def test_holds(row):
    """Cases run."""
    row.many = "5,000 cases"
    row.seen.append("5 connections")

@pytest.mark.parametrize("victim", ["worker"])
def test_does_not_hold(row, victim):
    """A {victim} is killed.

    More words."""
    row.seen.append("4,999 results")
    assert 4_999 == 5_000

def test_cannot_be_tried(row):
    """Without a server."""
    pytest.skip("mariadbd is not installed")

@pytest.fixture
def broken():
    raise OSError("no port is free")

def test_never_begins(broken):
    """A house that cannot be built."""
'''


def test_figures_are_printed_also_of_what_failed(tmp_path: Path) -> None:
    (tmp_path / "test_proofs.py").write_text(PROOFS)
    options = ["-p", "tests.proof.conftest", "-p", "no:cacheprovider", "-p", "no:django"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-rN", "-c", "/dev/null", *options, str(tmp_path)],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    _all_before, _sep, printed = ended.stdout.partition(" proofs ")
    rows = [line.split("  ") for line in printed.splitlines()[3:7]]
    assert [[cell.strip() for cell in row if cell.strip()] for row in rows] == [
        ["Cases run", "5,000 cases", "5 connections", "ok"],
        ["A worker is killed", "4,999 results; assert 4999 == 5000", "FAILED"],
        ["Without a server", "mariadbd is not installed", "skipped"],
        ["A house that cannot be built", "OSError: no port is free", "FAILED"],
    ]


def test_long_cells_go_on_below() -> None:
    rows = [Row("word " * 12, many="5,000 cases", seen=["a", "b"], verdict="ok")]
    printed = list(table.lines(rows))[2:]
    assert [line.split() for line in printed] == [
        ["word"] * 9 + ["5,000", "cases", "a;", "b", "ok"],
        ["word"] * 3,
    ]
    assert all(line == line.rstrip() for line in printed)
