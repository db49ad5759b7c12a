"""The page of a run: its counts, its broken results first, what it ran in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Variable
from runs import tasks, views
from runs.choices import Outcome, RunStatus, Trigger
from runs.execution.chunk import claim
from runs.execution.dispatch import dispatch
from runs.execution.selection import Selection
from runs.models import Chunk, Result, Run
from runs.workers import ClusterStatus
from tests.factories import make_case, make_environment, make_run
from tests.target import Target

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def not_looked_after() -> None:
    """Runs of other tests had the same numbers."""
    cache.clear()


def page_of(run: Run) -> str:
    return reverse("admin:runs_run_change", args=[run.pk])


def test_an_open_run_asks_for_itself_and_an_ended_one_does_not(
    admin: Client,
) -> None:
    run = make_run(make_case())
    live = reverse("admin:runs_run_live", args=[run.pk])
    assert f'hx-get="{live}"' in admin.get(page_of(run)).content.decode()
    fragment = admin.get(live)
    assert "HX-Refresh" not in fragment
    assert "<html" not in fragment.content.decode()
    run.cancel()
    tasks.settle(run)
    assert admin.get(live)["HX-Refresh"] == "true"
    assert "hx-get" not in admin.get(page_of(run)).context["page"].object_list
    assert f'hx-get="{live}"' not in admin.get(page_of(run)).content.decode()


@pytest.mark.parametrize("alive", [True, False])
def test_an_open_run_that_no_worker_will_touch_says_so(
    admin: Client, monkeypatch: pytest.MonkeyPatch, alive: bool
) -> None:
    status = ClusterStatus(alive=alive, n_workers=2 * alive, message="Nobody works.")
    monkeypatch.setattr(views, "cluster_status", lambda: status)
    text = admin.get(page_of(make_run(make_case()))).content.decode()
    assert ("Nobody works." in text) is not alive


def test_broken_results_stand_first_and_all_can_be_filtered(
    admin: Client, target: Target
) -> None:
    good = make_case(steps=[{"url": "/status/200"}], name="good")
    bad = make_case(steps=[{"url": "/status/404"}], name="bad")
    run = tasks.run_now(
        Selection(case_ids=(good.pk, bad.pk)),
        trigger=Trigger.ADMIN,
        environment=make_environment(target.url),
    )
    context = admin.get(page_of(run)).context
    assert [result.case_name for result in context["broken"]] == ["bad"]
    assert {result.case_name for result in context["page"].object_list} == {"good", "bad"}
    chosen = admin.get(page_of(run), {"outcome": "passed"}).context["page"]
    assert [result.case_name for result in chosen.object_list] == ["good"]
    assert admin.get(page_of(run), {"outcome": "nonsense"}).status_code == 200


def test_results_are_paged_without_counting_them(admin: Client) -> None:
    run = make_run(make_case())
    chunk = Chunk.objects.get(run=run)
    Result.objects.bulk_create(
        Result(
            run=run,
            chunk=chunk,
            case_id=n,
            case_name=f"case {n}",
            case_path=f"case {n}",
            outcome=Outcome.PASSED,
        )
        for n in range(120)
    )
    Chunk.objects.filter(pk=chunk.pk).update(n_passed=120)
    page = admin.get(page_of(run), {"page": "3"}).context["page"]
    assert (page.paginator.num_pages, len(page.object_list)) == (3, 20)
    assert admin.get(page_of(run), {"page": "99"}).context["page"].number == 3


def test_the_snapshot_names_secrets_and_never_shows_them(admin: Client) -> None:
    environment = make_environment(
        "https://staging.example", headers=[["Accept", "*/*"]], verify_tls=False
    )
    Variable.objects.create(environment=environment, name="user", value="<b>demo</b>")
    Variable.objects.create(
        environment=environment, name="password", value="sesame", is_secret=True
    )
    text = admin.get(page_of(make_run(make_case(), environment=environment))).content.decode()
    assert "https://staging.example" in text
    assert "&lt;b&gt;demo&lt;/b&gt;" in text
    assert "password" in text
    assert "sesame" not in text
    assert "TLS certificates were not verified in this run." in text


def test_deleting_a_run_asks_without_listing_its_results(admin: Client) -> None:
    run = tasks.run_now(
        Selection(case_ids=(make_case(name="needle").pk, make_case().pk)),
        trigger=Trigger.ADMIN,
        environment=make_environment(),
    )
    page = reverse("admin:runs_run_delete", args=[run.pk])
    assert "needle" not in admin.get(page).content.decode()
    admin.post(page, {"post": "yes"})
    assert not Run.objects.exists()


def test_a_page_that_only_polls_sees_a_cancelled_run_end_though_its_worker_died(
    admin: Client,
) -> None:
    run = make_run(make_case())
    [chunk_id] = dispatch(run.pk)
    assert claim(chunk_id, lease_s=600) is not None
    run.cancel()
    live = reverse("admin:runs_run_live", args=[run.pk])
    assert "HX-Refresh" not in admin.get(live)
    long_ago = timezone.now() - timedelta(seconds=settings.CASE_TIMEOUT_S + 4)
    Run.objects.filter(pk=run.pk).update(cancel_requested_at=long_ago)
    cache.clear()  # LOOK_S later
    assert admin.get(live)["HX-Refresh"] == "true"
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
