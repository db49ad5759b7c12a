"""Bytes of attachments in rows: stored once, read whole, cleared when nobody needs them."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases import attachments, contents, specs
from cases.contents import PIECE, TOGETHER
from cases.models import Case, Content, ContentPiece
from cases.uses import in_words
from tests.factories import make_attachment, make_case

pytestmark = [pytest.mark.django_db, pytest.mark.store]

SENDS_A = {"url": "/echo", "method": "POST", "body_kind": "attachment", "body_attachment": "a"}


def in_a_week() -> int:
    """What is cleared of what was not needed for a week by then."""
    return contents.clear(timezone.now() + timedelta(seconds=5))


@pytest.mark.parametrize(
    "size", [0, 1, PIECE - 1, PIECE, PIECE + 1, PIECE * TOGETHER, PIECE * (TOGETHER + 1) + 1]
)
def test_what_is_stored_is_read_again_byte_for_byte(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    content = contents.store(BytesIO(data[:size]))
    assert (content.size, content.digest) == (size, hashlib.sha256(data[:size]).hexdigest())
    assert contents.read(content.digest) == data[:size]


def test_the_same_bytes_are_stored_once() -> None:
    first, second = make_attachment("a", b"same"), make_attachment("b", b"same")
    assert first.content == second.content
    assert (Content.objects.count(), ContentPiece.objects.count()) == (1, 1)


def test_what_is_not_there_or_not_whole_is_not_read() -> None:
    content = contents.store(BytesIO(bytes(PIECE + 1)))
    content.pieces.filter(number=1).delete()
    assert contents.read(content.digest) is None
    assert contents.read("0" * 64) is None


def test_what_an_attachment_or_a_version_of_a_case_needs_is_kept() -> None:
    attachment = make_attachment("a", b"old")
    case = make_case(steps=[SENDS_A])
    attachments.save(attachment, BytesIO(b"new"))
    make_attachment("unused", b"x")
    assert in_a_week() == 0
    case.versions.exclude(pk=Case.objects.get().current_version_id).delete()
    assert in_a_week() == 1
    assert contents.read(hashlib.sha256(b"old").hexdigest()) is None
    assert contents.read(hashlib.sha256(b"new").hexdigest()) == b"new"


def test_what_nobody_needs_is_kept_for_a_while() -> None:
    content = contents.store(BytesIO(b"x"))
    assert contents.clear(timezone.now() - timedelta(days=7)) == 0
    Content.objects.update(wanted_at=timezone.now() - timedelta(days=8))
    assert contents.clear(timezone.now() - timedelta(days=7)) == 1
    assert not Content.objects.filter(pk=content.pk).exists()
    assert not ContentPiece.objects.exists()


def test_an_upload_keeps_what_was_about_to_be_cleared() -> None:
    contents.store(BytesIO(b"x"))
    Content.objects.update(wanted_at=timezone.now() - timedelta(days=8))
    contents.store(BytesIO(b"x"))
    assert contents.clear(timezone.now() - timedelta(days=7)) == 0


def test_clearing_reads_no_bytes() -> None:
    contents.store(BytesIO(b"x"))
    with CaptureQueriesContext(connection) as queries:
        assert in_a_week() == 1
    read = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert read
    assert not [sql for sql in read if "contentpiece" in sql]


# --- what cases have to do with it --------------------------------------------------------


def spec_of(case: Case) -> dict[str, object]:
    case.refresh_from_db()
    assert case.current_version is not None
    return {file["name"]: file["digest"] for file in case.current_version.spec["attachments"]}


def test_new_bytes_make_a_new_version_of_the_cases_that_send_them() -> None:
    attachment = make_attachment("a", b"old", content_type="text/plain")
    parts = [{"name": "f", "kind": "attachment", "value": " a "}]
    one = make_case(steps=[SENDS_A])
    two = make_case(steps=[{"url": "/", "body_kind": "multipart", "body_parts": parts}])
    other = make_case()
    before = [spec_of(case) for case in (one, two, other)]
    old, new = (hashlib.sha256(data).hexdigest() for data in (b"old", b"new"))
    assert before == [{"a": old}, {"a": old}, {}]
    attachments.save(attachment, BytesIO(b"new"))
    assert [spec_of(case) for case in (one, two, other)] == [{"a": new}, {"a": new}, {}]
    assert (one.versions.count(), other.versions.count()) == (2, 1)


def test_names_are_told_apart_by_capitals() -> None:
    make_attachment("A", b"other")
    case = make_case(steps=[SENDS_A])
    assert spec_of(case) == {}
    make_attachment("a", b"x")
    assert spec_of(case) == {"a": hashlib.sha256(b"x").hexdigest()}


def test_who_sends_an_attachment_is_known_while_its_steps_do() -> None:
    make_attachment("a", b"x")
    case = make_case(steps=[SENDS_A])
    path = f"{case.module.name}/{case.name}"
    assert attachments.users(["a", "b"]) == {"a": {case.pk: path}}
    case.steps.update(body_kind="none")
    specs.refresh(Case.objects.all())
    assert attachments.users(["a"]) == {}


def test_of_many_cases_a_sentence_names_the_first() -> None:
    assert in_words(["Shop/1", "Shop/2"]) == "Shop/1, Shop/2"
    assert in_words(f"Shop/{n}" for n in range(12)).endswith(", Shop/9 and 2 more")


@pytest.mark.parametrize("name", ["x" * 201, "", 5, None])
def test_a_name_that_no_attachment_can_have_breaks_nothing(name: object) -> None:
    parts = [{"name": "f", "kind": "attachment", "value": name}]
    case = make_case(steps=[{"url": "/", "body_kind": "multipart", "body_parts": parts}])
    assert spec_of(case) == {}


def test_saving_many_cases_asks_for_attachments_once() -> None:
    for name in ("a", "b"):
        make_attachment(name, b"x")
    steps = [SENDS_A, {**SENDS_A, "body_attachment": "b"}]
    for _n in range(3):
        make_case(steps=steps)
    with CaptureQueriesContext(connection) as queries:
        specs.refresh(Case.objects.all())
    tables = [
        query["sql"]
        for query in queries
        if "cases_attachment`" in query["sql"].replace('"', "`")
    ]
    assert len(tables) == 1
