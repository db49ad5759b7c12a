"""Attachments on their way from rows through threads to a target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings

from cases import attachments, contents
from cases.models import Case, ContentPiece
from runs import tasks
from runs.choices import Trigger
from runs.execution import lending
from runs.execution.flight import Flight
from runs.execution.pool import Crew
from runs.execution.selection import Selection
from runs.execution.work import Work
from tests.factories import make_attachment, make_case, make_environment, make_run
from tests.runs.working import work_off
from tests.target import Target

pytestmark = [pytest.mark.django_db, pytest.mark.store]

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
MB = 1024 * 1024


@pytest.fixture(autouse=True)
def _forget_contents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending, "_cache", lending._Cache())


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the content of a digest was read from the database."""
    counted: Counter[str] = Counter()
    read = contents.read

    def counting(digest: str) -> bytes | None:
        counted[digest] += 1
        return read(digest)

    monkeypatch.setattr(contents, "read", counting)
    return counted


def sending(name: str, **fields: Any) -> Case:
    step = {"url": "/status/200", "method": "POST", "body_kind": "attachment"}
    return make_case(steps=[{**step, "body_attachment": name}], **fields)


def test_an_attachment_near_the_limit_arrives_byte_for_byte(target: Target, crew: Crew) -> None:
    limit = settings.ATTACHMENT_LIMIT_MB * MB
    data = (bytes(range(251)) * (limit // 251 + 1))[:limit]
    make_attachment("a.bin", data, content_type="application/x-a")
    run = make_run(sending("a.bin"), environment=make_environment(target.url))
    work_off(run, crew)
    assert run.outcome == "passed"
    [asked] = target.requests
    assert asked.header("Content-Type") == "application/x-a"
    assert asked.body == data
    [attempt] = run.results.get().attempts.all()
    sent = attempt.read()["steps"][0]["exchanges"][0]["request"]["body"]
    assert (sent["size"], sent["cut"]) == (limit, True)
    assert len(attempt.data) < MB


def test_a_case_run_in_the_request_sends_it_too(target: Target) -> None:
    make_attachment("a", PNG)
    case = sending("a")
    run = tasks.run_now(
        Selection(case_ids=(case.pk,)),
        environment=make_environment(target.url),
        trigger=Trigger.API,
    )
    assert run.outcome == "passed"
    assert target.requests[0].body == PNG


def test_a_run_that_has_started_sends_the_bytes_it_was_made_with(
    target: Target, crew: Crew
) -> None:
    attachment = make_attachment("a", b"old")
    case = sending("a")
    environment = make_environment(target.url)
    before = make_run(case, environment=environment)
    attachments.save(attachment, BytesIO(b"new"))
    after = make_run(case, environment=environment)
    work_off(before, crew)
    work_off(after, crew)
    assert [asked.body for asked in target.requests] == [b"old", b"new"]


def test_what_was_deleted_is_still_sent_by_runs_that_have_started(
    target: Target, crew: Crew
) -> None:
    attachment = make_attachment("a", PNG)
    run = make_run(sending("a"), environment=make_environment(target.url))
    attachments.delete([attachment])
    work_off(run, crew)
    assert target.requests[0].body == PNG


def test_an_attachment_that_is_missing_is_an_error_that_names_it(
    target: Target, crew: Crew
) -> None:
    run = make_run(sending("nowhere.png"), environment=make_environment(target.url))
    work_off(run, crew)
    result = run.results.get()
    assert (result.outcome, result.message) == (
        "error",
        "There is no attachment 'nowhere.png', which the body of step 1 is to send.",
    )
    assert target.requests == []


def test_bytes_that_are_gone_are_an_error_of_the_case_that_needs_them(
    target: Target, crew: Crew
) -> None:
    make_attachment("a", PNG)
    make_attachment("b", b"other")
    cases = [sending("a"), sending("b")]
    ContentPiece.objects.filter(data=PNG).delete()
    run = make_run(*cases, environment=make_environment(target.url))
    work_off(run, crew)
    outcomes = dict(run.results.values_list("case_id", "outcome"))
    assert [outcomes[case.pk] for case in cases] == ["error", "passed"]
    gone = run.results.get(case_id=cases[0].pk)
    assert gone.message.endswith("which the body of step 1 is to send, is gone.")


def test_a_file_that_many_cases_send_is_read_once(
    target: Target, crew: Crew, reads: Counter[str]
) -> None:
    make_attachment("a", PNG)
    cases = [sending("a", rows=["one", "two"]) for _n in range(10)]
    environment = make_environment(target.url)
    for _n in range(2):
        run = make_run(*cases, environment=environment)
        work_off(run, crew)
        assert (run.outcome, run.results.count()) == ("passed", 20)
    assert list(reads.values()) == [1]


def test_no_more_bytes_are_under_way_than_fit(
    target: Target, crew: Crew, reads: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve files of 1 MB and one that is larger than all that fits; 3 MB fit."""
    monkeypatch.setattr(lending, "MOST", 3 * MB)
    names = [f"file {n}" for n in range(12)]
    for n, name in enumerate(names):
        make_attachment(name, bytes([n]) * MB)
    make_attachment("large", bytes(4 * MB))
    cases = [sending(name) for name in (*names, "large")]
    under_way: list[int] = []
    launched: list[Work] = []
    launch = Flight.launch

    def launching(flight: Flight, going: Sequence[Work]) -> None:
        launch(flight, going)
        launched.extend(going)
        held = [one for one in [*flight._line, *(t.work for t in flight._tickets)]]
        held_bytes = {key: len(data) for one in held for key, data in one.contents.items()}
        under_way.append(sum(held_bytes.values()))

    monkeypatch.setattr(Flight, "launch", launching)
    run = make_run(*cases, environment=make_environment(target.url))
    work_off(run, crew)
    assert (run.outcome, run.results.count()) == ("passed", 13)
    assert sorted(len(asked.body) for asked in target.requests) == [MB] * 12 + [4 * MB]
    assert max(under_way) <= 4 * MB
    assert len(launched) == len(reads) == 13
    assert sum(map(len, lending._cache._kept.values())) <= 4 * MB


def test_what_has_landed_waits_for_the_writer_without_its_bytes() -> None:
    make_attachment("a", PNG)
    run = make_run(sending("a"), sending("a"))
    from runs.execution import manifest
    from runs.execution.environment import NOTHING

    lent = lending.Lending()
    one, two = manifest.load(manifest.open_units(run.chunks.get()), NOTHING)
    one, two = lent.lend(one), lent.lend(two)
    assert one.contents == two.contents != {}
    assert lent.take_back(one).contents is None
    assert lent._sizes
    assert lent.take_back(two).contents is None
    assert not lent._sizes
    assert lent.take_back(lent.take_back(two)).contents is None
