"""The API's page in a browser: drawn from our own files, and good for trying things out."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Console

A_RUN = """
from runs import tasks
from runs.choices import Trigger
from runs.execution.selection import Selection
from cases import specs
environment = Environment.objects.create(name="nowhere", base_url="http://127.0.0.1:9")
case = Case.objects.create(module=Module.objects.create(name="m"), name="a case")
Step.objects.create(case=case, url="/")
specs.refresh(Case.objects.all())
answer = tasks.start_run(
    Selection(case_ids=(case.pk,)), environment=environment, trigger=Trigger.COMMAND
).pk
"""


def test_a_stranger_reads_it_and_nothing_complains(console: Console) -> None:
    page = console.open("/api/v1/docs")
    expect(page.locator(".opblock-summary-path")).to_have_count(7)
    page.locator("#operations-runs-get_run_results button").first.click()
    expect(page.get_by_text("Only results with a larger id.")).to_be_visible()
    expect(page.locator(".btn.authorize")).to_be_visible()
    assert console.errors == []


def test_who_has_signed_in_can_cancel_a_run_from_it(console: Console) -> None:
    run = console.do(A_RUN)
    console.log_in()
    page = console.open("/api/v1/docs")
    operation = page.locator("#operations-runs-cancel_run")
    operation.locator("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_placeholder("run_id").fill(str(run))
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text('"cancelled"')
    assert console.do(f"answer = Run.objects.get(pk={run}).status") == "cancelled"
    assert console.errors == []
