"""What tests with processes of their own rely on: each command is a fresh process, and a
database that was copied is one that was migrated."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tests import migrated
from tests.installation import Installation
from tests.runs.processes import started_by
from tests.servers import MariaDBAddress


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("installation")
    return Installation(f"sqlite:///{folder}/store.sqlite3", folder)


def test_a_command_knows_nothing_of_the_one_before(installation: Installation) -> None:
    code = (
        "import os, threading; from django.db import connection\n"
        "answer = [os.getpid(), threading.active_count(), connection.connection is None,"
        " hasattr(os, 'left')]\n"
        "os.left = Case.objects.count()"
    )
    one, two = installation.do(code), installation.do(code)
    assert one[1:] == two[1:] == [1, True, False]
    assert one[0] != two[0]
    assert started_by(installation) == set()


def test_a_command_says_how_it_ended(installation: Installation) -> None:
    with pytest.raises(AssertionError):
        installation.do("raise SystemExit(3)")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        installation.do("1 / 0")
    assert "Unknown command" in installation.manage("no_such_command", expect=1)
    with pytest.raises(TimeoutError):
        installation.do("import time; time.sleep(60)", timeout_s=0.5)
    assert installation.do("answer = [1]") == [1]


def test_a_copied_mariadb_is_as_a_migrated_one(
    mariadb_server: MariaDBAddress, tmp_path: Path
) -> None:
    name = f"filled_{tmp_path.name[-12:]}"
    for _time in range(2):  # the first one is migrated, if no test before was
        with mariadb_server.database(name) as url:
            installation = Installation(url, tmp_path)
            with contextlib.closing(mariadb_server.connect(name)) as connection:
                assert migrated._read(connection.cursor()) == migrated._tables
            assert installation.manage("migrate", "--check") == ""
