"""`manage.py check`: the known traps are refused, each with a hint."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from django_q.conf import Conf

from runs.checks import check_cluster, check_databases

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


@pytest.mark.django_db
def test_a_database_that_is_set_up_well_passes() -> None:
    assert check_databases(None, databases=["default"]) == []


@pytest.mark.django_db
def test_persistent_connections_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    [found] = check_databases(None, databases=["default"])
    assert found.id == "testhub.E007"


@pytest.mark.django_db
def test_more_processes_than_the_server_takes_are_a_warning(
    settings: pytest.FixtureRequest,
) -> None:
    if connection.vendor != "mysql":
        pytest.skip("SQLite has no limit of connections")
    settings.WORKERS = 2  # type: ignore[attr-defined]
    settings.THREADS = 500  # type: ignore[attr-defined]
    assert check_databases(None, databases=["default"]) == []
    settings.FUNCTION_MODULES = ["anything"]  # type: ignore[attr-defined]
    [found] = check_databases(None, databases=["default"])
    assert found.id == "testhub.W001"
    assert "1013 connections" in found.msg
