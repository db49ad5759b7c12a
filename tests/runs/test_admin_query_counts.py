"""The number of queries of a list does not grow with its rows. With 20 rows each:"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cases.models import DataSet, Module, Tag, Variable
from runs.choices import Outcome
from runs.models import Channel, Chunk, Delivery, Result, Run, Schedule
from tests.factories import (
    make_attachment,
    make_case,
    make_environment,
    make_module,
    make_plan,
    make_run,
    make_schema,
    make_token,
    make_user,
)

pytestmark = pytest.mark.django_db

ROWS = 20
# Every page: session, user.
SHELL = 2


def make_rows() -> None:
    environment = make_environment()
    tags = [Tag.objects.create(name=f"tag {n}") for n in range(ROWS)]
    above: Module | None = None
    for n in range(ROWS):
        above = make_module(parent=above, default_environment=environment)
        case = make_case(above)
        case.tags.set(tags[: n % 3])
        plan = make_plan(case, environment=environment)
        run = make_run(case, environment=environment, plan=plan)
        Run.objects.filter(pk=run.pk).update(user=make_user())
        chunk = Chunk.objects.get(run=run)
        Result.objects.create(
            run=run,
            chunk=chunk,
            case_id=case.pk,
            case_name=case.name,
            outcome=Outcome.PASSED,
            started_at=datetime.now(UTC),
        )
        Schedule.objects.create(plan=plan, cron="0 7 * * *", owner=make_user())
        DataSet.objects.create(name=f"rows {n}")
        make_attachment(f"file {n}", b"x")
        make_schema(f"schema{n}", "true")
        Variable.objects.create(name=f"v{n}", value="1")
        channel = Channel.objects.create(name=f"channel {n}", recipients="a@example.com")
        Delivery.objects.create(run=run, channel=channel, news="broken")
        make_token(make_user())
        make_environment()


# Session, user, COUNT and rows cost every list 4; what is beyond that stands beside it.
LISTS = {
    "cases_module": 8,  # as a dataset; counts by module, their tree, the tree of paths
    "cases_case": 8,  # tags of the rows, filters of modules, of tags (two), paths
    "cases_dataset": 5,  # COUNT without the search
    "cases_attachment": 5,
    "cases_schema": 5,
    "cases_environment": 5,
    "cases_variable": 5,
    "cases_tag": 5,
    "cases_user": 6,  # the filter of groups
    "runs_plan": 6,  # last runs
    "runs_schedule": 5,
    "runs_apitoken": 5,
    "runs_channel": 5,
    "runs_delivery": 5,
    "runs_run": 5,  # the filter of plans
    "runs_result": 3,  # never counted
    "django_q_failure": 3,
    "django_q_ormq": 3,
}


def test_lists_of_twenty(admin: Client) -> None:
    make_rows()
    counted = {}
    for name in LISTS:
        with CaptureQueriesContext(connection) as queries:
            page = admin.get(reverse(f"admin:{name}_changelist"))
        assert page.status_code == 200
        counted[name] = len(queries)
    assert counted == LISTS


def test_the_dashboard(
    admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_rows()
    # last runs, open runs, finished runs, their sums, the days twice, cases, broken ones twice
    with django_assert_max_num_queries(SHELL + 9):
        admin.get(reverse("admin:index"))


def test_the_live_part_of_a_run(
    admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    run = make_run(*(make_case() for _n in range(ROWS)))
    live = reverse("admin:runs_run_live", args=[run.pk])
    admin.get(live)  # every few seconds the watch looks too
    # the run, its counts, whether anybody is at work
    with django_assert_max_num_queries(SHELL + 3):
        answer = admin.get(live)
    assert len(answer.content) < 4_000
