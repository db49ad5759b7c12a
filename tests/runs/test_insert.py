"""Plain inserts store what `bulk_create` would."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from cases.models import Tag
from runs.execution.insert import Insert, moment
from runs.execution.writer import insert_attempts, insert_results
from runs.models import Attempt, Result
from tests.factories import make_case, make_run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("insert", "model"), [(insert_results, Result), (insert_attempts, Attempt)]
)
def test_the_writer_names_every_column_but_the_key(insert: Insert, model: type) -> None:
    """A column added to the model must be added there: no default is filled in."""
    columns = {field.column for field in model._meta.concrete_fields if not field.primary_key}
    assert set(insert._columns) == columns


def test_values_come_back_as_they_were() -> None:
    run = make_run(make_case())
    chunk = run.chunks.get()
    text = "quotes ' \" % %s \\ 试 \U0001f642"
    at = datetime(2026, 3, 29, 1, 30, 15, 123456, tzinfo=UTC)
    row = (
        run.pk, chunk.pk, 7, None, text, text, 0, "", "passed", text, moment(at.timestamp()),
        1.5, 1, "host", 4711, "case-1",
    )  # fmt: skip
    insert_results([row])
    stored = Result.objects.get()
    assert (stored.case_name, stored.message, stored.started_at) == (text, text, at)
    insert_attempts([(stored.pk, 1, "passed", bytes(range(256)) * 300)])
    assert bytes(Attempt.objects.get().data) == bytes(range(256)) * 300


def test_no_time_is_null() -> None:
    assert moment(0.0) is None


def test_a_second_row_of_the_same_key_is_refused() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Insert(Tag, "name")([("twice",), ("twice",)])
    assert not Tag.objects.exists()


def test_a_text_that_is_too_long_is_refused_and_not_cut() -> None:
    if connection.vendor != "mysql":
        pytest.skip("SQLite knows no length of a text")
    with pytest.raises(DataError), transaction.atomic():
        Insert(Tag, "name")([("x" * 61,)])
