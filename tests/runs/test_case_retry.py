"""A case that does not pass is tried again: how often, what is kept, what ends it."""

from __future__ import annotations

import itertools
import threading
import time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from django.urls import reverse

from cases.engine import functions
from cases.engine.auth.tokens import Tokens
from cases.engine.outcome import Outcome
from cases.models import Case, Environment, Variable
from runs import tasks
from runs.choices import RunStatus, Trigger
from runs.execution import drain, flight, manifest, writer
from runs.execution.chunk import claim, run_chunk
from runs.execution.dispatch import dispatch
from runs.execution.environment import surroundings
from runs.execution.pool import Crew
from runs.execution.selection import Selection
from runs.execution.work import Kept
from runs.execution.writer import Writer
from runs.models import Plan, Result, Run
from runs.reports import result_data, run_data
from tests.factories import make_case, make_environment, make_plan, make_run
from tests.installation import wait_until
from tests.runs.asking import ask
from tests.runs.landing import land, land_after
from tests.runs.working import end_lease, work_off
from tests.target import Target

pytestmark = pytest.mark.django_db

_numbers = itertools.count(1)


@pytest.fixture
def environment(target: Target) -> Environment:
    return make_environment(target.url)


def flaky(n_bad: int, **fields: Any) -> Case:
    """Passes after so many tries that do not."""
    url = f"/recovers/{n_bad}?case={next(_numbers)}"
    defaults = {"retries": 2, "retry_pause_ms": 0, "timeout_ms": 5_000}
    return make_case(steps=[{"url": url}], **{**defaults, **fields})


def attempts_of(result: Result) -> list[str]:
    return list(result.attempts.order_by("number").values_list("outcome", flat=True))


def assert_counters_equal_rows(run: Run) -> None:
    counts, n_on_retry = run.counts_and_retried()
    for outcome, n in counts.items():
        assert run.results.filter(outcome=outcome).count() == n
    assert run.results.passed_on_retry().count() == n_on_retry


@pytest.mark.parametrize(
    ("n_bad", "retries", "outcomes"),
    [
        (0, 2, ["passed"]),
        (1, 2, ["failed", "passed"]),
        (2, 2, ["failed", "failed", "passed"]),
        (9, 2, ["failed", "failed", "failed"]),
        (1, 0, ["failed"]),
    ],
)
def test_every_attempt_is_kept_and_the_last_one_decides(
    environment: Environment,
    target: Target,
    crew: Crew,
    n_bad: int,
    retries: int,
    outcomes: list[str],
) -> None:
    run = make_run(flaky(n_bad, retries=retries), environment=environment)
    work_off(run, crew)
    result = run.results.get()
    assert (run.status, run.outcome, result.outcome) == ("finished", outcomes[-1], outcomes[-1])
    assert attempts_of(result) == outcomes
    assert result.n_attempts == len(outcomes) == len(target.requests)
    assert [a.number for a in result.attempts.order_by("number")] == [
        *range(1, len(outcomes) + 1)
    ]
    assert_counters_equal_rows(run)


def test_an_error_is_tried_again_and_what_was_never_sent_is_not(
    environment: Environment, target: Target, crew: Crew
) -> None:
    closing = make_case(steps=[{"url": "/close"}], retries=1, retry_pause_ms=0)
    unsent = make_case(steps=[{"url": "/json?{{nothing}}"}], retries=1, retry_pause_ms=0)
    run = make_run(closing, unsent, environment=environment)
    work_off(run, crew)
    assert attempts_of(run.results.get(case_id=closing.pk)) == ["error", "error"]
    assert attempts_of(run.results.get(case_id=unsent.pk)) == ["error"]


def test_a_try_begins_with_the_first_step_and_its_own_variables(
    environment: Environment, target: Target, crew: Crew
) -> None:
    steps = [
        {
            "url": "/json?{{$uuid}}",
            "extractions": [{"name": "id", "source": "json", "path": "$.id"}],
        },
        {"url": "/recovers/1?id={{id}}"},
    ]
    run = make_run(make_case(steps=steps, retries=1), environment=environment)
    work_off(run, crew)
    assert [asked.path for asked in target.requests] == ["/json", "/recovers/1"] * 2
    assert target.requests[0].target != target.requests[2].target
    assert attempts_of(run.results.get()) == ["failed", "passed"]


def test_rows_of_a_dataset_are_tried_again_each_for_itself(
    environment: Environment, crew: Crew
) -> None:
    case = make_case(
        rows=["0", "1", "5"],
        steps=[{"url": "/recovers/{{row}}"}],
        retries=2,
        retry_pause_ms=0,
        timeout_ms=5_000,
    )
    run = make_run(case, environment=environment)
    work_off(run, crew)
    rows = run.results.order_by("row_no")
    assert [(row.row_name, row.outcome, row.n_attempts) for row in rows] == [
        ("0", "passed", 1),
        ("1", "passed", 2),
        ("5", "failed", 3),
    ]
    assert_counters_equal_rows(run)


def test_a_pause_lies_between_two_tries(
    environment: Environment, target: Target, crew: Crew
) -> None:
    run = make_run(flaky(1, retry_pause_ms=300), environment=environment)
    work_off(run, crew)
    attempts = run.results.get().attempts.order_by("number")
    first, second = (attempt.read()["started_at"] for attempt in attempts)
    assert 0.3 <= second - first < 3 * 0.3 + 2


def test_the_deadline_holds_for_each_try(
    environment: Environment, target: Target, crew: Crew
) -> None:
    case = make_case(
        steps=[{"url": "/slow/30000"}], timeout_ms=200, retries=2, retry_pause_ms=0
    )
    run = make_run(case, environment=environment)
    began = time.monotonic()
    work_off(run, crew)
    assert time.monotonic() - began < 3 * 0.6 + 2
    assert attempts_of(run.results.get()) == ["error"] * 3


def test_here_and_now_it_is_the_same(environment: Environment) -> None:
    run = tasks.run_now(
        Selection(case_ids=(flaky(1).pk, flaky(9).pk)),
        trigger=Trigger.API,
        environment=environment,
    )
    assert (
        sorted(attempts_of(result) for result in run.results.all())
        == [
            ["failed", "failed", "failed"],
            ["failed", "passed"],
        ]
        or run.counts()["failed"] == 1
    )
    assert_counters_equal_rows(run)


def test_run_case_answers_every_attempt_in_order(
    environment: Environment, bearer: dict[str, str]
) -> None:
    answer = ask(bearer, case_id=flaky(2).pk, env=environment.name)
    [result] = answer.json()["results"]
    assert (result["outcome"], result["n_attempts"]) == ("passed", 3)
    outcomes = [attempt["outcome"] for attempt in result["attempts"]]
    assert outcomes == ["failed", "failed", "passed"]


def test_secrets_are_masked_in_every_attempt(environment: Environment, crew: Crew) -> None:
    Variable.objects.create(
        environment=environment, name="key", value="sesame-open", is_secret=True
    )
    steps = [{"url": "/recovers/2", "headers": [["X-Key", "{{key}}"]]}]
    case = make_case(steps=steps, retries=2, retry_pause_ms=0, timeout_ms=5_000)
    run = make_run(case, environment=environment)
    work_off(run, crew)
    kept = [str(attempt.read()) for attempt in run.results.get().attempts.all()]
    assert len(kept) == 3
    assert all("X-Key" in text and "sesame-open" not in text for text in kept)


# --- who says how often -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_case", "of_plan", "never_twice", "n"),
    [
        (2, None, False, 2),
        (2, 0, False, 0),
        (0, 3, False, 3),
        (2, 1, False, 1),
        (2, None, True, 0),
    ],
)
def test_a_plan_overrides_its_cases(
    of_case: int, of_plan: int | None, never_twice: bool, n: int
) -> None:
    case = make_case(retries=of_case, timeout_ms=1000)
    plan = make_plan(case, case_retries=of_plan, never_send_twice=never_twice)
    run = tasks.start_plan(plan, trigger=Trigger.COMMAND)
    Plan.objects.update(case_retries=5, never_send_twice=False)
    run.refresh_from_db()
    units = manifest.open_units(run.chunks.get())
    [work] = manifest.load(units, surroundings(run, (), Tokens()))
    assert work.retries == n, "as it was when the run was made"


def test_a_case_whose_retries_cannot_be_kept_is_refused(settings: Any) -> None:
    settings.RETRY_ROOM_S, settings.CASE_TIMEOUT_S = 60, 30
    case = make_case()
    case.retries = 1
    case.full_clean()
    case.retries = 2
    with pytest.raises(ValidationError) as refused:
        case.full_clean()
    assert refused.value.messages == [
        "2 retries, each after a try of 30000 ms and a pause of 1000 ms, need 62000 ms: "
        "RETRY_ROOM_S allows 60000 ms."
    ]
    case.timeout_ms = 29_000
    case.full_clean()


def test_a_plan_that_never_sends_twice_cannot_ask_for_retries() -> None:
    plan = make_plan(make_case(), never_send_twice=True, case_retries=1)
    with pytest.raises(ValidationError, match="is not tried again"):
        plan.full_clean()
    plan.case_retries = 0
    plan.full_clean()


# --- what ends it -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("inline", [True, False])
def test_cancelling_ends_the_pause_and_keeps_what_there_is(
    environment: Environment, target: Target, crew: Crew, inline: bool
) -> None:
    case = flaky(9, retries=1, retry_pause_ms=30_000)

    def work() -> None:
        if inline:
            selection = Selection(case_ids=(case.pk,))
            tasks.run_now(selection, trigger=Trigger.API, environment=environment)
        else:
            work_off(make_run(case, environment=environment), crew)
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    wait_until(lambda: target.requests, 10)
    run = Run.objects.get()
    run.cancel()
    worker.join(3 * 1.5 + 2)
    assert not worker.is_alive()
    run.refresh_from_db()
    assert (run.status, run.outcome) == (RunStatus.FINISHED, "failed"), "it has every result"
    assert len(target.requests) == 1
    assert attempts_of(run.results.get()) == ["failed"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_drains_gives_a_pausing_case_back(
    environment: Environment,
    target: Target,
    crew: Crew,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = tmp_path / "drain"
    monkeypatch.setenv(drain.VARIABLE, str(asked))
    run = make_run(flaky(1, retry_pause_ms=20_000), environment=environment)
    [chunk_id] = dispatch(run.pk)
    due: list[int] = []

    def work() -> None:
        due.extend(run_chunk(chunk_id, crew, lease_s=30))
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    wait_until(lambda: target.requests, 10)
    asked.touch()
    worker.join(5)
    assert (worker.is_alive(), due) == (False, [chunk_id])
    assert not run.results.exists(), "nothing is on record before the last try"
    asked.unlink()
    run_chunk(chunk_id, crew, lease_s=30)
    run.refresh_from_db()
    assert (run.status, attempts_of(run.results.get())) == ("finished", ["passed"])


def test_a_plan_may_ask_for_more_than_there_is_time_for(
    environment: Environment, target: Target, crew: Crew, settings: Any
) -> None:
    settings.RETRY_ROOM_S = 1
    quick = make_case(steps=[{"url": "/status/500"}], retry_pause_ms=0)
    slow = make_case(steps=[{"url": "/slow/30000"}], timeout_ms=600, retry_pause_ms=0)
    run = make_run(quick, slow, environment=environment, case_retries=5)
    work_off(run, crew)
    assert run.results.get(case_id=quick.pk).n_attempts == 6
    assert run.results.get(case_id=slow.pk).n_attempts == 2


def test_retries_go_on_when_the_budget_of_the_chunk_is_spent(
    environment: Environment, target: Target, settings: Any
) -> None:
    """With every thread on a target that hangs, each case has its tries, and each once."""
    settings.CHUNK_BUDGET_S = 0.5
    steps = [{"url": "/slow/30000"}]
    cases = [
        make_case(steps=steps, timeout_ms=400, retries=1, retry_pause_ms=200) for _ in range(4)
    ]
    crew = Crew(2)
    try:
        run = make_run(*cases, environment=environment)
        claims = work_off(run, crew)
    finally:
        crew.leave()
    assert len(claims) > 1
    assert run.counts()["error"] == 4
    assert {result.n_attempts for result in run.results.all()} == {2}
    assert len(target.requests) == 8


def test_a_thread_that_hangs_in_a_retry_is_given_up(
    environment: Environment, target: Target, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.RETRY_ROOM_S = 1
    monkeypatch.setattr(flight, "GRACE_S", 0.1)
    go_on, n_calls = threading.Event(), itertools.count(1)

    def hang() -> str:
        if next(n_calls) > 1:
            go_on.wait(30)
        return "x"

    monkeypatch.setitem(functions.FUNCTIONS, "hang", hang)
    case = make_case(
        steps=[{"url": "/status/500?{{$hang()}}"}],
        timeout_ms=100,
        retries=1,
        retry_pause_ms=100,
    )
    crew = Crew(2)
    try:
        run = make_run(case, environment=environment)
        work_off(run, crew)
    finally:
        go_on.set()
        crew.leave()
    result = run.results.get()
    assert (result.outcome, attempts_of(result)) == ("error", ["error"])
    assert "within its deadline of 0.3 s" in result.message


def test_tries_of_a_worker_that_died_leave_no_trace(
    environment: Environment, target: Target, crew: Crew
) -> None:
    run = make_run(flaky(2), environment=environment)
    [chunk_id] = dispatch(run.pk)
    dying = claim(chunk_id, 30)
    assert dying is not None
    [unit] = manifest.open_units(dying)
    late = land(unit, Outcome.FAILED)
    end_lease(chunk_id)
    run_chunk(chunk_id, crew, lease_s=30)
    run.refresh_from_db()
    assert attempts_of(run.results.get()) == ["failed", "failed", "passed"]
    writing = Writer(dying, 30)
    writing.add(late)
    with pytest.raises(writer.LostLease):
        writing.flush()
    assert run.results.get().attempts.count() == 3


# --- how tries are written ----------------------------------------------------------------


def after(landed: Any, *earlier: Kept) -> Any:
    return landed._replace(work=landed.work._replace(earlier=earlier))


def test_a_try_that_is_too_large_does_not_cost_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = make_run(make_case())
    [chunk_id] = dispatch(run.pk)
    chunk = claim(chunk_id, 30)
    assert chunk is not None
    [unit] = manifest.open_units(chunk)
    last = land(unit)
    monkeypatch.setattr(writer, "RECORD_BYTES", len(last.data) + 100)
    large = Kept(outcome=Outcome.FAILED, data=b"x" * (len(last.data) + 101))
    writing = Writer(chunk, 30)
    writing.add(after(last, large))
    writing.flush()
    result = run.results.get()
    assert (result.outcome, attempts_of(result)) == ("passed", ["failed", "passed"])
    first = result.attempts.get(number=1).read()
    assert "is too large" in first["message"]
    assert_counters_equal_rows(run)


def test_tries_that_the_database_refuses_become_one_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = make_run(make_case(), make_case())
    [chunk_id] = dispatch(run.pk)
    chunk = claim(chunk_id, 30)
    assert chunk is not None
    good, bad = manifest.open_units(chunk)
    insert = writer.insert_attempts

    def picky(rows: Any) -> None:
        rows = list(rows)
        if any(data == b"poison" for *_rest, data in rows):
            raise ValueError("not this")
        insert(rows)

    monkeypatch.setattr(writer, "insert_attempts", picky)
    writing = Writer(chunk, 30)
    writing.add(land_after(good, 1))
    writing.add(after(land(bad), Kept(outcome=Outcome.FAILED, data=b"poison")))
    writing.flush()
    assert attempts_of(run.results.get(case_id=good.case_id)) == ["failed", "passed"]
    stored = run.results.get(case_id=bad.case_id)
    assert (stored.outcome, stored.n_attempts, attempts_of(stored)) == ("error", 1, ["error"])
    assert stored.message == "Result could not be stored: ValueError."
    assert_counters_equal_rows(run)
    assert run.counts_and_retried()[1] == 1


# --- how it is shown ----------------------------------------------------------------------


@pytest.fixture
def retried(environment: Environment, crew: Crew) -> Run:
    """One passed at once, one on a retry, one never."""
    run = make_run(
        flaky(0, name="steady"),
        flaky(1, name="flaky"),
        flaky(9, name="bad"),
        environment=environment,
    )
    work_off(run, crew)
    return run


def test_pages_name_what_passed_on_a_retry(admin: Client, retried: Run) -> None:
    page = reverse("admin:runs_run_change", args=[retried.pk])
    text = admin.get(page).content.decode()
    assert "1 on retry" in text
    assert "3 attempts" in text
    chosen = admin.get(page, {"outcome": "passed_on_retry"}).context["page"]
    assert [result.case_name for result in chosen.object_list] == ["flaky"]
    assert chosen.paginator.count == 1
    listed = admin.get(reverse("admin:runs_run_changelist")).content.decode()
    assert "1 on retry" in listed


@pytest.mark.parametrize(
    ("chosen", "names"),
    [("passed_on_retry", {"flaky"}), ("several", {"flaky", "bad"}), ("", None)],
)
def test_results_can_be_filtered_by_their_attempts(
    admin: Client, retried: Run, chosen: str, names: set[str] | None
) -> None:
    page = admin.get(reverse("admin:runs_result_changelist"), {"attempts": chosen})
    found = {result.case_name for result in page.context["cl"].result_list}
    assert found == (names or {"steady", "flaky", "bad"})


def test_the_page_of_a_result_shows_each_attempt(admin: Client, retried: Run) -> None:
    result = retried.results.get(case_name="flaky")
    page = reverse("admin:runs_result_change", args=[result.pk])
    assert "on retry" in admin.get(page).content.decode()
    for number, status in ((1, 503), (2, 200)):
        answer = admin.get(page, {"attempt": str(number)})
        assert answer.context["attempt"].number == number
        assert f"HTTP/1.1 {status}" in answer.content.decode()


def test_programs_are_told(retried: Run) -> None:
    assert run_data(retried)["n_passed_on_retry"] == 1
    told = {
        result.case_name: (data["n_attempts"], data["passed_on_retry"])
        for result in retried.results.all()
        for data in [result_data(result)]
    }
    assert told == {"steady": (1, False), "flaky": (2, True), "bad": (3, False)}
