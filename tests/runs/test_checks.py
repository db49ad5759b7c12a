"""`manage.py check`: the known traps are refused, each with a hint."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django_q.conf import Conf

from runs.checks import check_cluster
from runs.database_checks import check_database_settings, check_servers
from tests.test_docs import read

NEEDED_S = settings.CHUNK_BUDGET_S + settings.CASE_TIMEOUT_S + 45


def test_the_settings_as_they_are_pass() -> None:
    assert check_cluster(None) == []


@pytest.mark.parametrize(
    ("name", "value", "number", "said"),
    [
        ("GUARD_CYCLE", 0.1, "testhub.E001", "guard_cycle=0.1"),
        ("GUARD_CYCLE", 2, "testhub.E001", "guard_cycle=2"),
        ("QUEUE_LIMIT", 0, "testhub.E002", "queue_limit=0"),
        ("TIMEOUT", NEEDED_S, "testhub.E003", f"timeout={NEEDED_S}"),
        ("TIMEOUT", None, "testhub.E003", "timeout=None"),
        ("TIMEOUT", 500.5, "testhub.E003", "timeout=500.5"),
        ("RETRY", Conf.TIMEOUT * 3, "testhub.E004", f"retry={Conf.TIMEOUT * 3}"),
        ("CACHE", "default", "testhub.E005", "cache='default'"),
        ("CACHE", "no such cache", "testhub.E005", "cache='no such cache'"),
        ("QUEUE_LIMIT", 50, "testhub.E004", f"retry={Conf.RETRY}"),
        ("BULK", 10, "testhub.E004", f"retry={Conf.RETRY}"),
        ("ACK_FAILURES", False, "testhub.E008", "ack_failures=False"),
        ("SYNC", True, "testhub.E009", "sync=True"),
        ("BROKER_CLASS", None, "testhub.E010", "broker_class=None"),
        ("CLUSTER_NAME", "bulk", "testhub.E011", "cluster_name='bulk'"),
    ],
)
def test_a_trap_of_django_q2_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object, number: str, said: str
) -> None:
    monkeypatch.setattr(Conf, name, value)
    [found] = check_cluster(None)
    assert found.id == number
    assert said in found.msg
    assert found.hint


def test_every_check_is_described() -> None:
    numbers = set(re.findall(r"\btesthub\.[EW]\d+", read("docs/reference/checks.md")))
    of_cluster = re.findall(r"yield \(\s*(\d+)", read("runs/checks.py"))
    of_databases = re.findall(r"testhub\.[EW]\d+", read("runs/database_checks.py"))
    assert len(of_cluster) + len(of_databases) == 14
    assert numbers == {f"testhub.E{int(n):03}" for n in of_cluster} | set(of_databases)


def test_databases_that_are_set_up_well_pass() -> None:
    assert check_database_settings(None) == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("CONN_MAX_AGE", 0, "testhub.E007"),
        ("CONN_HEALTH_CHECKS", False, "testhub.W002"),
    ],
)
def test_a_trap_of_connections_is_found(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object, number: str
) -> None:
    monkeypatch.setitem(connection.settings_dict, name, value)
    [found] = check_database_settings(None)
    assert found.id == number


def test_sqlite_without_immediate_transactions_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("MySQL knows no such mode")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "transaction_mode", "DEFERRED")
    [found] = check_database_settings(None)
    assert found.id == "testhub.E006"


@pytest.mark.django_db
def test_a_server_that_is_set_up_well_passes() -> None:
    assert check_servers(None, databases=["default"]) == []


@pytest.fixture
def mysql(db: None) -> CursorWrapper:
    """A cursor on this session's server."""
    if connection.vendor != "mysql":
        pytest.skip("SQLite has neither limits nor a zone")
    return connection.cursor()


def test_more_connections_than_the_server_takes_are_a_warning(
    mysql: CursorWrapper, settings: Any
) -> None:
    settings.WORKERS, settings.THREADS = 2, 500
    settings.FUNCTION_MODULES = ["anything"]
    [found] = check_servers(None, databases=["default"])
    assert found.id == "testhub.W001"
    assert "1013 connections" in found.msg
    assert "max_connections" in found.hint


def test_another_zone_than_utc_is_refused(mysql: CursorWrapper) -> None:
    mysql.execute("SET time_zone='+08:00'")
    try:
        [found] = check_servers(None, databases=["default"])
    finally:
        mysql.execute("SET time_zone='+00:00'")
    assert found.id == "testhub.E012"
    assert "+08:00" in found.msg
