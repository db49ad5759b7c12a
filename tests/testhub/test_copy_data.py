"""Backup, restore and the move to MySQL: one command, done for real on both stores."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import store
from tests.installation import Installation
from tests.target import Target

pytestmark = [pytest.mark.store, pytest.mark.cluster]

SEED = """
from tests.factories import *
from runs import tasks
from runs.execution.selection import Selection
from django.db.models.functions import Now
here = make_environment("{url}", name="here", headers=[["X-B", "2"], ["X-A", "1"]])
Variable.objects.create(environment=here, name="token", value="s3cret", is_secret=True)
Variable.objects.create(name="Token", value='{{"b": [1.10, null], "a": "书"}}', kind="json")
module = make_module("Bücher 书 🐍", default_environment=here)
auth = dict(kind="bearer", values=[["token", "{{{{token}}}}"]])
steps = [dict(url="/bearer/s3cret", auth=auth)]
make_case(make_module("inner", parent=module), steps, name="look", rows=["one", "two"])
# More than one piece of a content.
make_attachment("photos/书.png", bytes(range(256)) * 300, content_type="image/png")
sends = dict(method="POST", body_kind="attachment", body_attachment="photos/书.png")
make_case(module, [*steps, dict(url="/status/200", **sends)], name="Look")
make_schema("Order", "# ours\\ntype: object")
judged = dict(source="json", comparator="matches_schema", expected="Order")
make_case(module, [dict(url="/json", assertions=[judged])], name="schema")
make_case(module, name="look").delete()
user = make_user(username="mei", is_superuser=True)
row, token = make_token(user)
plan = make_plan(environment=here, name="all")
plan.modules.add(module)
tasks.arm(Schedule.objects.create(plan=plan, cron="0 7 * * *", owner=user))
everything = Selection(module_ids=(module.pk,))
run = tasks.run_now(everything, trigger="api", user=user, token=row)
# One that is under way: claimed by a worker that the copy will never hear of.
under_way = tasks.start_run(everything, trigger="api")
under_way.chunks.update(status="running", token="elsewhere", attempts=1, lease_until=Now())
answer = [run.outcome, token]
"""
# Every value of every row, by table.
ROWS = """
from testhub.copying import copied_models
answer = {
    model._meta.db_table: sorted(repr(row) for row in model._base_manager.values_list())
    for model in copied_models()
}
"""
NEXT_CASE = "answer = Case.objects.create(module=Module.objects.first(), name='new').pk"
RUNS = """
import time
ends_at = time.monotonic() + 90
while Run.objects.open().exists() and time.monotonic() < ends_at:
    time.sleep(0.2)
answer = [[run.status, run.outcome, run.results.count()] for run in Run.objects.order_by("pk")]
"""


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with Target() as target:
        yield target


@pytest.fixture
def filled(store_url: str, tmp_path: Path, target: Target) -> Installation:
    """An installation with a bit of everything in it, on this session's store."""
    installation = Installation(store_url, tmp_path)
    outcome, _token = installation.do(SEED.format(url=target.url))
    assert outcome == "passed"
    return installation


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def works(installation: Installation) -> None:
    """The copy is a testhub that works: what was under way ends, and the plan runs again,
    with its secret, in workers."""
    with installation.workers(1):
        installation.manage("run_cases", "--plan", "all")
        assert installation.do(RUNS) == [["finished", "passed", 4]] * 3


def test_a_backup_is_restored_into_an_empty_database_with_everything(
    filled: Installation, tmp_path: Path
) -> None:
    backup = tmp_path / "backups" / "monday.sqlite3"
    said = filled.manage("copy_data", "--to", url_of(backup))
    before = filled.do(ROWS)
    assert f"Copied {sum(map(len, before.values()))} rows of {len(before)} tables" in said
    assert backup.stat().st_mode & 0o777 == 0o600
    assert list(backup.parent.iterdir()) == [backup]

    second = tmp_path / "second"
    second.mkdir()
    with store.new(second) as url:
        restored = Installation(url, second)
        restored.manage("copy_data", "--from", url_of(backup))
        assert restored.do(ROWS) == before
        works(restored)
        # The highest number was that of a case that is gone: its results are not the new one's.
        assert restored.do(NEXT_CASE) == filled.do(NEXT_CASE)


def test_sqlite_moves_to_mariadb_with_everything(
    mariadb_server: Any, tmp_path: Path, target: Target
) -> None:
    old = Installation(url_of(tmp_path / "old.sqlite3"), tmp_path)
    _outcome, token = old.do(SEED.format(url=target.url))
    new_folder = tmp_path / "new"
    new_folder.mkdir()
    with mariadb_server.database(f"moved_{tmp_path.name[-12:]}") as url:
        new = Installation(url, new_folder)
        new.manage("copy_data", "--from", url_of(tmp_path / "old.sqlite3"))
        assert new.do(ROWS) == old.do(ROWS)
        works(new)
        assert new.do(f"answer = ApiToken.find({token!r}).user.username") == "mei"
        assert new.do(NEXT_CASE) == old.do(NEXT_CASE)


def test_a_backup_is_one_moment_while_others_write(
    filled: Installation, tmp_path: Path
) -> None:
    """Rows that are written between two tables are in none of them."""
    backup = tmp_path / "backup.sqlite3"
    filled.do(
        f"""
from django.core.management import call_command
from testhub import copying
from tests.factories import make_case
copy_table = copying._copy_table
def and_then_write(model, *aliases):
    copied = copy_table(model, *aliases)
    make_case(name="late " + model._meta.db_table)
    return copied
copying._copy_table = and_then_write
call_command("copy_data", to={url_of(backup)!r})
answer = Case.objects.filter(name__startswith="late").count()
assert answer > 20
"""
    )
    with sqlite3.connect(backup) as copied:
        assert copied.execute("SELECT count(*) FROM cases_case").fetchone() == (3,)
        assert copied.execute("SELECT count(*) FROM cases_step").fetchone() == (4,)


def test_a_row_that_the_target_does_not_take_is_named_and_nothing_is_kept(
    mariadb_server: Any, tmp_path: Path
) -> None:
    old = Installation(url_of(tmp_path / "old.sqlite3"), tmp_path)
    old.do("User.objects.create(username='mei'); User.objects.create(username='Mei'); answer=0")
    with mariadb_server.database(f"refused_{tmp_path.name[-12:]}") as url:
        old.environment["DATABASE_URL"] = url
        arguments = ("copy_data", "--from", url_of(tmp_path / "old.sqlite3"))
        said = old.manage(*arguments, expect=1)
        assert "Table cases_user does not take a row: (1062, \"Duplicate entry 'Mei'" in said
        assert old.do("answer = User.objects.count()") == 0
        # Emptied as it is, it may be tried again.
        assert old.manage(*arguments, expect=1) == said
