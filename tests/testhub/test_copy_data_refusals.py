"""What copy_data refuses before it writes anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from testhub.copying import CannotCopy, check_empty, check_migrations
from tests.factories import make_module
from tests.installation import TOP


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "one of the arguments --to --from is required"),
        (("--to", "sqlite:///a", "--from", "sqlite:///b"), "not allowed with argument"),
        (("--from", "sqlite:////no/such/file"), "There is no file /no/such/file."),
        (("--to", "sqlite:////proc/backup/a"), "/proc/backup/a cannot be written: "),
    ],
)
def test_bad_input_is_refused(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("copy_data", *arguments)


def test_a_url_is_refused_as_in_the_settings() -> None:
    with pytest.raises(ImproperlyConfigured, match="--to='a.sqlite3': use sqlite:///path or"):
        call_command("copy_data", to="a.sqlite3")


def test_a_file_that_exists_is_never_written(tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    file.write_text("an older backup")
    with pytest.raises(CommandError, match="backup.sqlite3 exists: name a new file") as refused:
        call_command("copy_data", to=f"sqlite:///{file}")
    assert refused.value.returncode == 2
    assert file.read_text() == "an older backup"
    assert list(tmp_path.iterdir()) == [file]


def test_a_database_that_does_not_answer_is_a_sentence_without_its_password() -> None:
    url = "mysql://nobody:s3cret@127.0.0.1:1/none"
    ended = subprocess.run(
        [sys.executable, "manage.py", "copy_data", "--from", url],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 3
    assert ended.stderr.startswith("CommandError: The database did not answer: ")
    assert "s3cret" not in ended.stderr


@pytest.mark.django_db
def test_a_migrated_database_is_empty_until_somebody_uses_it() -> None:
    check_empty("default")
    make_module()
    with pytest.raises(CannotCopy, match="table cases_module holds rows"):
        check_empty("default")


@pytest.mark.django_db
def test_a_source_of_another_version_is_refused() -> None:
    recorder = MigrationRecorder(connection)
    [last] = MigrationLoader(connection).graph.leaf_nodes("runs")
    check_migrations("default")
    recorder.record_applied("runs", "9999_later")
    with pytest.raises(CannotCopy, match="newer testhub: it has the migration runs.9999_later"):
        check_migrations("default")
    recorder.record_unapplied(*last)
    with pytest.raises(CannotCopy, match=f"lacks the migration {'.'.join(last)}"):
        check_migrations("default")
    recorder.migration_qs.all().delete()
    with pytest.raises(CannotCopy, match="no database of testhub"):
        check_migrations("default")
