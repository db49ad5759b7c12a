"""From a run that failed to one that did not, in a browser and through real workers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Console
from tests.target import Target

pytestmark = pytest.mark.cluster
RUN_MS = 60_000

LAY_OUT = """
from cases import specs
from runs import tasks
from runs.choices import Trigger
from runs.execution.selection import Selection
environment = Environment.objects.create(name="target", base_url={url!r})
shop = Module.objects.create(name="shop", default_environment=environment)
ok = [{{"source": "status", "comparator": "equals", "expected": 200}}]
for name, url, retries in (
    ("steady", "/json", 0), ("recovers for the next run", "/recovers/1?a", 0),
    ("recovers at once", "/recovers/1?b", 1),
):
    case = Case.objects.create(module=shop, name=name, retries=retries, retry_pause_ms=100)
    Step.objects.create(case=case, url=url, assertions=ok)
specs.refresh(Case.objects.all())
run = tasks.run_now(Selection(module_ids=(shop.pk,)), trigger=Trigger.COMMAND)
answer = run.pk
"""


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as target:
        yield target


def test_the_failed_ones_are_run_again_until_they_pass(
    console: Console, target: Target
) -> None:
    first = console.do(LAY_OUT.format(url=target.url))
    console.log_in()
    page = console.open(f"/admin/runs/run/{first}/change/")
    expect(page.locator("#run-state")).to_contain_text("failed")
    expect(page.locator("#run-live")).to_contain_text("1 on retry")

    with console.installation.workers(1):
        page.get_by_role("button", name="Run the failed ones").click()
        expect(page.locator("#run-state")).to_contain_text("passed", timeout=RUN_MS)
    expect(page.locator("#run-live")).to_contain_text("1 / 1")
    page.get_by_role("link", name=f"the failed ones of run {first}").click()
    expect(page.locator("#run-state")).to_contain_text("failed")

    page.get_by_role("link", name="passed on retry 1").click()
    page.locator("#run-results").get_by_role("link", name="recovers at once").click()
    expect(page.locator(".th-tabs a")).to_have_count(2)
    page.get_by_role("link", name="Attempt 1").click()
    expect(page.locator("#step-1")).to_contain_text("503")

    page.go_back()
    page.get_by_role("link", name=f"Run {first}:").click()
    page.get_by_role("link", name="Where it ran").click()
    expect(page.locator("#run-processes tbody tr")).to_have_count(1)
    expect(page.locator("#run-claims")).to_contain_text("MainThread")
    assert console.errors == []
