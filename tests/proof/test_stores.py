"""Long form: a database with a clock, and an order of letters, of its own."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.cases.test_names import NAMES
from tests.installation import SETTINGS, Installation, wait_until
from tests.proof.table import Row
from tests.runs.laid_out import lay_out, start_run, wait_for_end
from tests.servers import MariaDB
from tests.target import Target

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

N_CASES, ZONE = 200, "Europe/Berlin"
# One of them is no name of a variable: its accent is a character of its own.
NAMED_ALIKE = [name for name in NAMES if unicodedata.is_normalized("NFC", name)]
LEASES = (
    "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), lease_until) FROM testhub.runs_chunk"
    " WHERE status = 'running'"
)
# How the run's times read, in the zone of whoever looks at its pages.
SHOWN = """
from django.test import Client
from django.utils import timezone
run = Run.objects.get(pk={run_id})
reader = Client()
reader.force_login(User.objects.create_superuser("reader"))
shown = f"{{timezone.localtime(run.created_at):%Y-%m-%d %H:%M:%S}}"
pages = ["/admin/runs/run/", f"/admin/runs/run/{{run.pk}}/change/"]
times = [run.created_at, run.started_at, run.finished_at]
answer = [
    [at.isoformat() for at in times],
    shown,
    [shown in reader.get(page).content.decode() for page in pages],
]
"""
# Runs a minute before and after each midnight of the days on which the clocks are changed, and
# what the statistics and the list of runs make of them.
CHANGES = [date(2026, 3, 29), date(2026, 10, 25)]
DAYS = """
from datetime import date, datetime, time, timedelta
from django.contrib.auth import get_user_model
from django.test import Client
from django.test.utils import setup_test_environment
from django.utils import timezone
from runs.stats import by_day
setup_test_environment()  # answers have the context of their templates
zone, day = timezone.get_current_timezone(), timedelta(days=1)
reader = Client()
reader.force_login(get_user_model().objects.create_superuser("counter"))
answer = {{}}
for change in map(date.fromisoformat, {changes!r}):
    for midnight in (datetime.combine(change + n * day, time(0), zone) for n in (0, 1)):
        for n_failed, at in enumerate((midnight.timestamp() - 60, midnight.timestamp() + 60)):
            run = Run.objects.create(
                title="then", trigger="api", status="finished", outcome="failed",
                created_at=datetime.fromtimestamp(at, zone),
            )
            Chunk.objects.create(
                run=run, seq=0, items=[], n_items=9, n_passed=5, n_failed=n_failed
            )
    now = datetime.combine(change + day, time(12), zone)
    answer[str(change)] = [
        [str(d.day), d.n_runs, d.results["passed"], d.results["failed"],
         len(reader.get(f"/admin/runs/run/?day={{d.day}}").context["cl"].result_list)]
        for d in by_day(3, zone, now)
    ]
"""
# Two runs, an hour on either side of the day on which bodies go.
PRUNE = """
from datetime import UTC, datetime, timedelta
from django.conf import settings
from runs import retention
now, hour = datetime.now(UTC), timedelta(hours=1)
limit = now - timedelta(days=settings.RETENTION_BODIES_DAYS)
for pk, ended_at in zip({run_ids!r}, (limit + hour, limit - hour)):
    Run.objects.filter(pk=pk).update(finished_at=ended_at)
retention.prune(now)
answer = [Attempt.objects.filter(result__run=pk).count() for pk in {run_ids!r}]
"""
# Everything that has a name, found again by each of them.
NAMED = """
from cases import lookup, specs
from runs.models import Plan
here = Environment.objects.create(name="here", base_url={url!r})
modules = {{}}
for name in {names!r}:
    modules[name] = Module.objects.create(name=name, default_environment=here)
    case = Case.objects.create(module=modules[name], name=name)
    Step.objects.create(case=case, url="/echo?name={{{{" + name + "}}}}")
    Variable.objects.create(environment=here, name=name, value=name)
    Environment.objects.create(name=name)
    Tag.objects.create(name=name)
    DataSet.objects.create(name=name)
    Plan.objects.create(name=name, environment=here).modules.set([modules[name]])
specs.refresh(Case.objects.all())
answer = [
    [lookup.find_module(n).pk, lookup.find_case(n + "/" + n).pk,
     lookup.find_environment(n).pk, lookup.find_tag(n).pk,
     Plan.objects.get(name=n).modules.get().name] for n in {names!r}
]
"""


def expected_days() -> dict[str, list[list[object]]]:
    """A run after midnight has one that failed: so do the two later days."""
    day = timedelta(days=1)
    return {
        str(change): [
            [str(change - day), 1, 5, 0, 1],
            [str(change), 2, 10, 1, 2],
            [str(change + day), 1, 5, 1, 1],
        ]
        for change in CHANGES
    }


def test_a_server_in_another_zone(row: Row, tmp_path: Path) -> None:
    """A server in zone +08:00 without zone tables"""
    row.many = f"2 runs of {N_CASES} cases, pages in {ZONE}"
    with MariaDB() as server, Target() as target:
        server.execute("CREATE DATABASE testhub CHARACTER SET utf8mb4")
        zone = server.execute("SELECT @@global.time_zone")[0][0]
        n_names = server.execute("SELECT COUNT(*) FROM mysql.time_zone_name")[0][0]
        installation = Installation(
            server.url("testhub"), tmp_path, WORKERS=1, THREADS=4, TIME_ZONE=ZONE
        )
        module = lay_out(installation, target.url, N_CASES, url="/slow/50?{number}")
        with installation.workers(1):
            began = datetime.now(UTC)
            run_id = start_run(installation, module)
            wait_until(lambda: len(target.requests) > N_CASES // 4, 60)
            leases = [left for (left,) in server.execute(LEASES)]
            wait_for_end(installation, run_id, 60)
            ended = datetime.now(UTC)
            other_id = start_run(installation, module)
            wait_for_end(installation, other_id, 60)
        times, shown, is_shown = installation.do(SHOWN.format(run_id=run_id))
        kept = installation.do(PRUNE.format(run_ids=[run_id, other_id]))
        counted = installation.do(DAYS.format(changes=[str(day) for day in CHANGES]))
    created, started, finished = (datetime.fromisoformat(at) for at in times)
    row.seen += [
        f"zone {zone}, {n_names} zone names",
        f"leases end in {leases} s of {SETTINGS['LEASE_S']}",
        f"times between {began:%H:%M:%S} and {ended:%H:%M:%S} UTC, shown as {shown}",
        f"bodies kept on either side of the last day: {kept}",
    ]
    row.seen.append(
        f"{4 * len(counted)} runs a minute off midnight, by days of 23 and 25 h: {counted}"
    )
    assert (zone, n_names) == ("+08:00", 0)
    assert leases
    assert all(0 <= left <= int(SETTINGS["LEASE_S"]) for left in leases)
    assert began - timedelta(seconds=1) < created < started < finished < ended
    assert shown == f"{created.astimezone(ZoneInfo(ZONE)):%Y-%m-%d %H:%M:%S}"
    assert is_shown == [True, True]
    assert kept == [N_CASES, 0]
    assert counted == expected_days()
    (tmp_path / "lite").mkdir()
    lite = Installation(f"sqlite:///{tmp_path}/lite.sqlite3", tmp_path / "lite", TIME_ZONE=ZONE)
    assert lite.do(DAYS.format(changes=[str(day) for day in CHANGES])) == counted


def test_names_that_differ_in_case_or_accents(row: Row, tmp_path: Path) -> None:
    """Names that differ only in case or accents, on SQLite and on MariaDB"""
    row.many = f"{len(NAMED_ALIKE)} names of 7 kinds of things"
    found = {}
    with MariaDB() as server, Target() as target:
        server.execute("CREATE DATABASE testhub CHARACTER SET utf8mb4")
        urls = {"mariadb": server.url("testhub"), "sqlite": f"sqlite:///{tmp_path}/a.sqlite3"}
        for store, url in urls.items():
            (tmp_path / store).mkdir()
            installation = Installation(url, tmp_path / store, WORKERS=1, THREADS=4)
            keys = installation.do(NAMED.format(url=target.url, names=NAMED_ALIKE))
            with installation.workers(1):
                target.clear()
                for name in NAMED_ALIKE:
                    installation.manage("run_cases", "--module", name)
            found[store] = keys, [asked.arg("name") for asked in target.requests]
    keys, asked = found["sqlite"]
    row.seen.append(f"{len({key[0] for key in keys})} found by name, {len(asked)} sent, alike")
    assert found["mariadb"] == found["sqlite"]
    assert [key[-1] for key in keys] == asked == NAMED_ALIKE
