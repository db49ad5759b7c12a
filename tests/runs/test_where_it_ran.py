"""Which process, threads and connections a run had, and who left connections open."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.engine import functions
from runs import tasks
from runs.choices import Trigger
from runs.execution import trace
from runs.execution.chunk import claim, run_chunk
from runs.execution.dispatch import dispatch
from runs.execution.pool import Crew
from runs.execution.selection import Selection
from runs.execution.writer import Writer
from runs.models import Chunk, Result, Run
from runs.whereabouts import whereabouts
from tests.factories import make_case, make_environment, make_run
from tests.runs.working import end_lease, record_one_and_die, work_off
from tests.target import Target

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def not_looked_after() -> None:
    """Runs of other tests had the same numbers."""
    cache.clear()


def own_number() -> int | None:
    """As the server itself tells it."""
    if connection.vendor != "mysql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        return int(cursor.fetchone()[0])


def page_of(client: Client, run: Run) -> str:
    page = client.get(reverse("admin:runs_run_change", args=[run.pk]), {"tab": "where"})
    assert page.status_code == 200
    return page.content.decode()


def test_a_run_knows_its_process_threads_and_connection(target: Target, crew: Crew) -> None:
    cases = [make_case(steps=[{"url": "/slow/20"}]) for _ in range(8)]
    run = make_run(*cases, environment=make_environment(target.url))
    work_off(run, crew)
    [process] = whereabouts(run).processes
    assert (process.host, process.pid) == (trace.HOST, os.getpid())
    assert process.threads == set(run.results.values_list("thread", flat=True))
    assert (len(process.chunks), process.n_results) == (1, 8)
    number = own_number()
    assert list(process.connections) == ([] if number is None else [number])


def test_here_and_now_it_is_the_thread_that_asked(target: Target) -> None:
    run = tasks.run_now(
        Selection(case_ids=(make_case().pk,)),
        trigger=Trigger.API,
        environment=make_environment(target.url),
    )
    [process] = whereabouts(run).processes
    assert process.threads == {"MainThread"}
    assert process.n_results == 1


def test_every_claim_of_a_chunk_is_told_apart() -> None:
    run = make_run(*(make_case() for _ in range(3)))
    [chunk_id] = dispatch(run.pk)
    for _worker in ("dies", "is late"):
        record_one_and_die(chunk_id)
    tasks.watch()
    first, second = whereabouts(run).claims
    assert (first.number, first.record["n_results"], first.is_lost) == (1, 1, True)
    assert (second.number, second.record["n_results"], second.is_lost) == (2, 1, True)
    chunk = claim(chunk_id, 30)
    assert chunk is not None
    Writer(chunk, 30).flush()
    assert [claim.is_running for claim in whereabouts(run).claims] == [False, False, True]


def test_a_claim_says_how_it_ended(target: Target, crew: Crew, settings: Any) -> None:
    settings.CHUNK_BUDGET_S = 0.001
    cases = [make_case(steps=[{"url": "/slow/10"}]) for _ in range(40)]
    run = make_run(*cases, environment=make_environment(target.url))
    work_off(run, crew)
    claims = whereabouts(run).claims
    assert len(claims) > 1
    assert [claim.record["ended"] for claim in claims] == [
        *["queued"] * (len(claims) - 1),
        "finished",
    ]
    assert sum(claim.record["n_results"] for claim in claims) == 40


def test_of_a_chunk_the_last_claims_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "MOST_CLAIMS", 2)
    run = make_run(make_case())
    [chunk_id] = dispatch(run.pk)
    began = []
    for _claim in range(4):
        chunk = claim(chunk_id, 30)
        assert chunk is not None
        Writer(chunk, 30).flush()
        began.append(Chunk.objects.get().claims[-1]["began_at"])
        end_lease(chunk_id)
    kept = [record["began_at"] for record in Chunk.objects.get().claims]
    assert kept == began[-2:]


def test_it_costs_no_query(target: Target, crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = make_environment(target.url)

    def n_queries() -> int:
        run = make_run(make_case(), environment=environment)
        [chunk_id] = dispatch(run.pk)
        with CaptureQueriesContext(connection) as queries:
            run_chunk(chunk_id, crew, lease_s=30)
        return len(queries)

    with_trace = n_queries()
    monkeypatch.setattr(trace.Trace, "claims", lambda *_args, **_options: [])
    assert n_queries() == with_trace


# --- connections that cases left open -----------------------------------------------------


def leave_open() -> str:
    """What a function of FUNCTION_MODULES must not do."""
    transaction.atomic().__enter__()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "x"


@pytest.fixture
def leaving(monkeypatch: pytest.MonkeyPatch) -> None:
    """`{{$leave_open()}}` in a case."""
    monkeypatch.setitem(functions.FUNCTIONS, "leave_open", leave_open)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("leaving")
def test_a_connection_left_in_a_transaction_is_named_with_its_case(
    target: Target, crew: Crew, admin: Client
) -> None:
    dirty = make_case(name="dirty", steps=[{"url": "/json?{{$leave_open()}}"}])
    clean = make_case(name="clean")
    run = make_run(dirty, clean, environment=make_environment(target.url))
    work_off(run, crew)
    found = whereabouts(run)
    [left] = found.left_open
    assert (left["case_id"], left["case"]) == (dirty.pk, f"{dirty.module.name}/dirty")
    assert (left["alias"], found.n_left_open) == ("default", 1)
    assert (left["connection"] is None) == (connection.vendor != "mysql")
    assert left["connection"] not in found.processes[0].connections
    text = page_of(admin, run)
    assert "1 connection was left in a transaction" in text
    assert f"{dirty.module.name}/dirty" in text


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("leaving")
def test_many_of_them_are_counted_and_the_first_are_named(
    target: Target, crew: Crew, monkeypatch: pytest.MonkeyPatch, admin: Client
) -> None:
    monkeypatch.setattr(trace, "MOST_NAMED", 2)
    cases = [make_case(steps=[{"url": "/json?{{$leave_open()}}"}]) for _ in range(5)]
    run = make_run(*cases, environment=make_environment(target.url))
    work_off(run, crew)
    found = whereabouts(run)
    assert (len(found.left_open), found.n_left_open) == (2, 5)
    assert "The first 2 are shown." in page_of(admin, run)


# --- the page -----------------------------------------------------------------------------


def with_claims(n_chunks: int) -> Run:
    run = make_run(make_case())
    record = a_claim()
    run.chunks.all().delete()
    Chunk.objects.bulk_create(
        Chunk(run=run, seq=seq, items=[], n_items=1, status="finished", claims=[record])
        for seq in range(n_chunks)
    )
    return run


def a_claim() -> dict[str, Any]:
    return {
        "host": "worker-1",
        "pid": 4711,
        "began_at": (timezone.now() - timedelta(minutes=1)).timestamp(),
        "connections": [57, 58],
        "threads": ["case-1", "case-2"],
        "n_results": 1,
        "n_left_open": 0,
        "left_open": [],
        "ended": "finished",
    }


def test_the_tab_shows_processes_and_chunks(admin: Client) -> None:
    run = with_claims(3)
    text = page_of(admin, run)
    for shown in ("worker-1", "4711", "57, 58", "case-1 case-2", "finished"):
        assert shown in text
    assert 'id="run-results"' not in text
    plain = admin.get(reverse("admin:runs_run_change", args=[run.pk])).content.decode()
    assert "?tab=where" in plain
    assert "4711" not in plain


def test_the_tab_of_a_large_run_is_short_and_costs_one_query(admin: Client) -> None:
    small, large = with_claims(1), with_claims(250)
    counted = []
    for run in (small, large):
        page_of(admin, run)  # the watch has looked, and closed it
        with CaptureQueriesContext(connection) as queries:
            text = page_of(admin, run)
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert "The first 200 are shown." in text
    assert text.count(">4711<") == 1 + 200


def test_before_anything_is_written_the_tab_says_so(admin: Client) -> None:
    assert "No worker has written anything yet." in page_of(admin, make_run(make_case()))


def test_a_result_names_its_chunk_and_the_connection_that_wrote_it(
    admin: Client, target: Target, crew: Crew
) -> None:
    run = make_run(make_case(), environment=make_environment(target.url))
    work_off(run, crew)
    result = Result.objects.get()
    text = admin.get(reverse("admin:runs_result_change", args=[result.pk])).content.decode()
    assert f"chunk {result.chunk_id}" in text
    number = own_number()
    assert ("database connection" in text) == (number is not None)
    if number is not None:
        assert f"database connection {number}<" in text
