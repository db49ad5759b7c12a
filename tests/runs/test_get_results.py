"""`GET /api/v1/runs/ID/results` page by page, and one result with its attempts."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from runs.choices import Outcome
from runs.execution.pool import Crew
from runs.models import Attempt, Chunk, Result, Run
from tests.factories import make_case, make_environment, make_run, make_token, make_user
from tests.runs.answers import assert_error
from tests.runs.working import work_off
from tests.target import Target

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(bearer: dict[str, str]) -> Client:
    return Client(headers=bearer, raise_request_exception=False)


def make_results(outcomes: str) -> Run:
    """A run with a result for each letter: `p` passed, `f` failed, `e` error."""
    run = make_run(make_case())
    words = {"p": Outcome.PASSED, "f": Outcome.FAILED, "e": Outcome.ERROR}
    Result.objects.bulk_create(
        Result(
            run=run,
            chunk=Chunk.objects.get(run=run),
            case_id=number,
            case_name=f"case {number}",
            case_path=f"shop/case {number}",
            outcome=words[letter],
        )
        for number, letter in enumerate(outcomes, 1)
    )
    return run


def numbers(page: Any) -> list[int]:
    assert page.status_code == 200, page.content
    return [item["case_id"] for item in page.json()["items"]]


def test_a_result_says_what_the_lists_say(client: Client) -> None:
    run = make_results("f")
    result = run.results.get()
    answer = client.get(f"/api/v1/runs/{run.pk}/results")
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == {
        "items": [
            {
                "id": result.pk,
                "case_id": 1,
                "path": "shop/case 1",
                "row_no": 0,
                "row_name": "",
                "outcome": "failed",
                "n_attempts": 1,
                "passed_on_retry": False,
                "message": "",
                "duration_ms": 0.0,
                "started_at": None,
            }
        ],
        "next": None,
    }


def test_pages_follow_each_other_until_there_is_none(client: Client) -> None:
    run, seen = make_results("pfpef"), []
    make_results("ppp")  # of another run
    url = f"/api/v1/runs/{run.pk}/results?limit=2"
    while url:
        page = client.get(url)
        seen.append(numbers(page))
        url = page.json()["next"]
    assert seen == [[1, 2], [3, 4], [5]]


def test_a_page_that_is_just_full_is_the_last(client: Client) -> None:
    run = make_results("pp")
    page = client.get(f"/api/v1/runs/{run.pk}/results?limit=2")
    assert (numbers(page), page.json()["next"]) == ([1, 2], None)


def test_only_the_outcomes_that_are_asked_for(client: Client) -> None:
    run = make_results("pfpef")
    url = f"/api/v1/runs/{run.pk}/results"
    assert numbers(client.get(f"{url}?outcome=error")) == [4]
    page = client.get(f"{url}?outcome=failed&outcome=error&limit=2")
    assert numbers(page) == [2, 4]
    assert numbers(client.get(page.json()["next"])) == [5]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("outcome=green", "query.outcome"),
        ("limit=0", "query.limit"),
        ("limit=1001", "query.limit"),
        ("after=-1", "query.after"),
        ("after=x", "query.after"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(client: Client, query: str, place: str) -> None:
    run = make_results("p")
    answer = client.get(f"/api/v1/runs/{run.pk}/results?{query}")
    assert_error(answer, 400, "bad_parameter", place)


def test_a_page_takes_the_same_few_queries_whatever_its_size(
    client: Client, django_assert_num_queries: Any
) -> None:
    small, large = make_results("p"), make_results("p" * 50)
    for run in (small, large):
        client.get(f"/api/v1/runs/{run.pk}/results")  # notes the use of the token
        with django_assert_num_queries(3):  # the token, the run, its results
            client.get(f"/api/v1/runs/{run.pk}/results")


def test_one_result_brings_its_requests_and_responses(
    client: Client, target: Target, crew: Crew
) -> None:
    run = make_run(
        make_case(steps=[{"url": "/echo", "headers": [["Authorization", "Bearer abc"]]}]),
        environment=make_environment(target.url),
    )
    work_off(run, crew)
    result = run.results.get()
    body = client.get(f"/api/v1/results/{result.pk}").json()
    assert (body["id"], body["run_id"], body["outcome"]) == (result.pk, run.pk, "passed")
    [attempt] = body["attempts"]
    [exchange] = attempt["steps"][0]["exchanges"]
    assert ["Authorization", "Bearer ***"] in exchange["request"]["headers"]
    assert exchange["response"]["status"] == 200


def test_a_result_whose_bodies_were_deleted_has_no_attempts(client: Client) -> None:
    run = make_results("f")
    assert not Attempt.objects.exists()
    assert client.get(f"/api/v1/results/{run.results.get().pk}").json()["attempts"] == []


@pytest.mark.parametrize("path", ["runs/9999/results", "results/9999", f"results/{10**25}"])
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert_error(client.get(f"/api/v1/{path}"), 404, "not_found", path.split("/")[1])


def test_results_need_the_permission_of_their_page(client: Client) -> None:
    run = make_results("f")
    looking = make_user(username="reader")
    looking.user_permissions.add(Permission.objects.get(codename="view_run"))
    reader = Client(headers={"Authorization": f"Bearer {make_token(looking)[1]}"})
    assert numbers(reader.get(f"/api/v1/runs/{run.pk}/results")) == [1]
    answer = reader.get(f"/api/v1/results/{run.results.get().pk}")
    assert_error(answer, 403, "forbidden", "reader", "runs.view_result")
    nobody = Client(headers={"Authorization": f"Bearer {make_token(make_user())[1]}"})
    answer = nobody.get(f"/api/v1/runs/{run.pk}/results")
    assert_error(answer, 403, "forbidden", "runs.view_run")
