"""`runs.connections.CleanConnections`: what is true before, during and after a case."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import (
    close_old_connections,
    connection,
    connections,
    transaction,
)
from django.test import Client
from django.urls import reverse

from cases.models import Tag, User
from runs import connections as boundary
from runs import tasks
from runs.choices import Trigger
from runs.connections import CleanConnections
from runs.execution.chunk import run_chunk
from runs.execution.dispatch import dispatch
from runs.execution.pool import Crew
from runs.execution.selection import Selection
from tests.factories import make_case, make_environment, make_run, make_token
from tests.target import Target


@pytest.mark.django_db(transaction=True)
def test_close_old_connections_is_called_twice_for_each_case(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after each of 12 cases, in the pool thread that ran it."""
    calls: Counter[str] = Counter()

    def counted() -> None:
        calls[threading.current_thread().name.partition("-")[0]] += 1
        close_old_connections()

    monkeypatch.setattr(boundary, "close_old_connections", counted)
    cases = [make_case(steps=[{"url": "/status/200"}]) for _n in range(12)]
    run = make_run(*cases, environment=make_environment(target.url))
    crew = Crew(4)
    for chunk_id in dispatch(run.pk):
        run_chunk(chunk_id, crew, lease_s=30)
    crew.leave()
    assert run.results.filter(outcome="passed").count() == 12
    assert calls == {"case": 24}


@pytest.mark.django_db(transaction=True)
def test_close_old_connections_alone_breaks_a_callers_transaction() -> None:
    """Why the boundary does more."""
    closed = "2006" if connection.vendor == "mysql" else "closed database"
    with pytest.raises(Exception, match=closed), transaction.atomic():
        Tag.objects.create(name="inside")
        close_old_connections()
        Tag.objects.get(name="inside")


@pytest.mark.django_db(transaction=True)
def test_a_callers_open_transaction_is_still_its_own_afterwards() -> None:
    with transaction.atomic():
        Tag.objects.create(name="inside")
        own = connections["default"]
        with CleanConnections("a case"):
            assert connections.all(initialized_only=True) == []
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            assert connections["default"] is not own
        assert connections["default"] is own
        assert connection.in_atomic_block
        assert Tag.objects.get().name == "inside"
        transaction.set_rollback(True)
    assert not Tag.objects.exists()
    Tag.objects.create(name="afterwards")


@pytest.mark.django_db
def test_an_inline_run_inside_a_database_test_leaves_the_test_its_transaction(
    target: Target,
) -> None:
    case = make_case(steps=[{"url": "/status/200"}])
    run = tasks.run_now(
        Selection(case_ids=(case.pk,)),
        environment=make_environment(target.url),
        trigger=Trigger.API,
    )
    assert (run.status, run.outcome) == ("finished", "passed")
    assert connection.in_atomic_block
    assert run.results.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_request_under_atomic_requests_runs_a_case_and_commits(
    target: Target, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)
    case = make_case(steps=[{"url": "/status/200"}])
    environment = make_environment(target.url)
    _row, token = make_token()
    answer = client.get(
        reverse("run_case"),
        {"case_id": case.pk, "env": environment.name},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert (answer.status_code, answer.json()["outcome"]) == (200, "passed")
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_case_leaves_open_is_closed_and_named(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), CleanConnections("shop/login"):
        _leave_a_transaction_open()
        theirs = connections["default"]
    assert theirs.connection is None or theirs.closed_in_transaction
    [record] = caplog.records
    assert record.getMessage().startswith("Case shop/login left a transaction open")


@pytest.mark.django_db(transaction=True)
def test_an_error_in_a_case_passes_through_and_the_thread_is_clean() -> None:
    def broken() -> None:
        with CleanConnections("a case"):
            _leave_a_transaction_open()
            raise RuntimeError("the case's own")

    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(RuntimeError, match="the case's own"):
            pool.submit(broken).result()
        assert pool.submit(lambda: connections.all(initialized_only=True)).result() == []


def _leave_a_transaction_open() -> None:
    transaction.atomic().__enter__()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
