"""`make test`: all tests on SQLite, then those of the store on MariaDB.

Run by the Python of .venv. The last line says how many tests passed where.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from bin import debian, setup

# Column of the last line -> the programs it needs and the packages that bring them.
PROGRAMS = {
    # mariadb-install-db runs my_print_defaults, which lies in the client's package.
    "mariadb": (
        ("mariadbd", "mariadb-install-db", "my_print_defaults"),
        ("mariadb-server-core", "mariadb-client-core"),
    ),
    "redis": (("redis-server",), ("redis-server",)),
    "browser": (("chromium",), ("chromium", "fonts-noto-cjk")),
}
COLUMNS = ("sqlite", "mariadb", "redis", "browser")
TIME_LIMIT_S = 30 * 60  # for a run that hangs; a whole run takes a few minutes


def main() -> int:
    missing = install_programs()
    stores = ["sqlite"] if "mariadb" in missing else ["sqlite", "mariadb"]
    ended, found = zip(*(run_pytest(store) for store in stores), strict=True)
    print(last_line(list(found), missing), flush=True)
    return max(ended)


def install_programs() -> dict[str, str]:
    """Get what can be had; returns column -> why its tests are skipped."""
    missing = {}
    for column, (programs, packages) in PROGRAMS.items():
        given = column == "mariadb" and os.environ.get("TESTHUB_TEST_MYSQL_URL")
        if given or not _not_found(programs):
            continue
        reason = debian.install(*packages)
        if absent := _not_found(programs):
            missing[column] = reason or f"{absent} is not installed"
    if "mariadb" not in missing:
        try:
            importlib.import_module("MySQLdb")
        except ImportError:
            missing["mariadb"] = "mysqlclient is not installed"
    for column, reason in missing.items():
        print(f"Tests of {column} are skipped: {reason}.", flush=True)
    return missing


def run_pytest(store: str) -> tuple[int, dict[str, Any]]:
    """One session; returns its exit code and what `tests/counts.py` wrote."""
    print(f"Tests on {store}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts.json"
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2"]
        try:
            code = subprocess.run(
                [*command, "--dist", "worksteal", "tests"],
                cwd=setup.TOP,
                stdin=subprocess.DEVNULL,
                env={
                    **os.environ,
                    "TESTHUB_TEST_STORE": store,
                    "TESTHUB_TEST_COUNTS": str(counts),
                },
                timeout=TIME_LIMIT_S,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            print(f"Tests on {store} did not end within {TIME_LIMIT_S // 60} minutes.")
            code = 1
        written = counts.read_text(encoding="utf-8") if counts.exists() else "{}"
    return code, json.loads(written)


def last_line(found: list[dict[str, Any]], missing: dict[str, str]) -> str:
    """As in "stores: sqlite 812 passed · mariadb skipped (no apt-get)"."""
    parts = []
    version = max((session.get("mariadb_version", "") for session in found), default="")
    for column in COLUMNS:
        total: Counter[str] = Counter()
        for session in found:
            total.update(session.get("counts", {}).get(column, {}))
        if column in missing and not total["passed"] and not total["failed"]:
            parts.append(f"{column} skipped ({missing[column]})")
            continue
        name = f"{column} {version}" if column == "mariadb" and version else column
        failed = f" {total['failed']} failed" if total["failed"] else ""
        parts.append(f"{name} {total['passed']} passed{failed}")
    return "stores: " + " · ".join(parts)


def _not_found(programs: tuple[str, ...]) -> str:
    """The first that is not there; empty when all are."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin"
    return next((name for name in programs if not shutil.which(name, path=path)), "")


if __name__ == "__main__":
    sys.exit(main())
