"""Attempts become rows in fenced batches; a bad one never sinks its batch."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from cases.engine.outcome import Outcome
from runs.execution import persist, writer
from runs.execution.chunk import claim
from runs.execution.dispatch import dispatch
from runs.execution.manifest import Unit, open_units
from runs.execution.writer import Writer
from runs.models import Attempt, Chunk, Run
from tests.factories import make_case, make_run
from tests.runs.landing import land

pytestmark = pytest.mark.django_db


def claimed(n_cases: int, lease_s: float = 30) -> tuple[Run, Writer, list[Unit]]:
    run = make_run(*(make_case() for _ in range(n_cases)))
    [chunk_id] = dispatch(run.pk)
    chunk = claim(chunk_id, lease_s)
    assert chunk is not None
    return run, Writer(chunk, lease_s), open_units(chunk)


def test_counters_equal_the_rows_after_each_flush() -> None:
    run, flushing, units = claimed(5)
    outcomes = [Outcome.PASSED, Outcome.FAILED, Outcome.PASSED, Outcome.ERROR, Outcome.SKIPPED]
    for number, (unit, outcome) in enumerate(zip(units, outcomes, strict=True), 1):
        flushing.add(land(unit, outcome))
        flushing.flush()
        counts = run.counts()
        assert sum(counts.values()) == run.results.count() == number
        for name, n in counts.items():
            assert run.results.filter(outcome=name).count() == n
    assert Attempt.objects.filter(result__run=run).count() == 5


def test_nothing_is_written_before_it_is_time() -> None:
    run, ticking, units = claimed(2)
    ticking.add(land(units[0]))
    ticking.tick()
    assert run.results.count() == 0
    ticking._flushed_at -= writer.FLUSH_S
    ticking.tick()
    assert run.results.count() == 1


def test_a_flush_renews_the_lease_and_reads_the_cancel_flag() -> None:
    run, flushing, _units = claimed(1, lease_s=5)
    before = Chunk.objects.get().lease_until
    flushing.flush()
    assert not flushing.cancelled
    run.cancel()
    time.sleep(0.01)  # so that the clock has moved
    flushing.flush()
    assert flushing.cancelled
    assert before is not None
    assert Chunk.objects.get().lease_until > before


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("half a character \ud800 and NUL \x00.", "half a character � and NUL �."),
        ("x" * 5_000, "x" * 1_000),
        ("emoji 😀", "emoji 😀"),
    ],
)
def test_texts_of_targets_are_made_storable(text: str, kept: str) -> None:
    run, flushing, units = claimed(1)
    flushing.add(land(units[0], Outcome.FAILED, message=text))
    flushing.flush()
    result = run.results.get()
    assert (result.outcome, result.message) == ("failed", kept)


def test_a_result_that_the_database_refuses_is_recorded_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, flushing, units = claimed(7)
    store = flushing._result

    def spoiled(landed: Any) -> tuple[object, ...]:
        made = store(landed)
        if landed.work.number == 4 and landed.outcome is Outcome.PASSED:
            # The fifth is the name of the case: no UTF-8 column takes this one.
            return (*made[:4], "\ud800", *made[5:])
        return made

    monkeypatch.setattr(flushing, "_result", spoiled)
    for unit in units:
        flushing.add(land(unit))
    flushing.flush()
    assert run.counts() == {"passed": 6, "failed": 0, "error": 1, "skipped": 0, "blocked": 0}
    bad = run.results.get(outcome="error")
    assert bad.case_id == units[4].case_id
    assert bad.message == "Result could not be stored: UnicodeEncodeError."
    assert run.results.count() == Attempt.objects.count() == 7


def test_a_record_that_is_too_large_for_one_packet_is_an_error_of_its_own() -> None:
    run, flushing, units = claimed(2)
    large = land(units[0])._replace(data=b"x" * (writer.RECORD_BYTES + 1))
    flushing.add(large)
    flushing.add(land(units[1]))
    flushing.flush()
    assert sorted(run.results.values_list("outcome", flat=True)) == ["error", "passed"]
    assert "too large" in run.results.get(outcome="error").message


def test_a_result_cannot_stand_twice() -> None:
    run, flushing, units = claimed(1)
    flushing.add(land(units[0]))
    flushing.flush()
    flushing.add(land(units[0]))
    with pytest.raises(Exception, match="(?i)unique|duplicate"), transaction.atomic():
        flushing.flush()
    assert run.results.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_connection_lost_during_a_flush_is_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, flushing, units = claimed(2)
    flushing.add(land(units[0]))
    insert, lost = flushing._insert, []

    def lose_it_once(batch: Any) -> None:
        if not lost:
            lost.append(True)
            connection.connection.close()
        insert(batch)

    monkeypatch.setattr(flushing, "_insert", lose_it_once)
    if connection.vendor == "sqlite":  # closing it would be a programming error there
        monkeypatch.setattr(flushing, "_insert", _failing_once(insert))
    flushing.flush()
    assert run.results.count() == 1
    assert sum(run.counts().values()) == 1


def _failing_once(insert: Any) -> Any:
    tries: list[int] = []

    def failing(batch: Any) -> None:
        tries.append(1)
        insert(batch)
        if len(tries) == 1:
            raise OperationalError("database is locked")

    return failing


@pytest.mark.django_db(transaction=True)
def test_a_database_that_stays_away_longer_than_the_lease_ends_the_claim(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _run, flushing, units = claimed(1, lease_s=0.3)
    flushing.add(land(units[0]))

    def away(_batch: Any) -> None:
        raise OperationalError(2006, "Server has gone away")

    monkeypatch.setattr(flushing, "_insert", away)
    began = time.monotonic()
    with pytest.raises(OperationalError):
        flushing.flush()
    assert time.monotonic() - began < 3 * 0.3 + 2


@pytest.mark.parametrize("code", [1153, 1264, 1366, 1406])
def test_a_refusal_of_the_data_is_not_asked_again(code: int) -> None:
    asked: list[int] = []

    def refuse() -> None:
        asked.append(1)
        raise OperationalError(code, "no")

    with pytest.raises(OperationalError):
        persist.persistently(refuse, until=time.monotonic() + 10)
    assert asked == [1]
