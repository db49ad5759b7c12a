"""The console on a desk and on a phone, light and dark: whole, and without complaints.

A complaint is anything the browser writes to its console as an error: a script that
failed, a file that is missing, something that the Content-Security-Policy forbids.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Console

LAY_OUT = """
from runs import tasks
from runs.choices import Trigger
from runs.execution.selection import Selection
from cases import specs
environment = Environment.objects.create(
    name="a target that is down", base_url="http://127.0.0.1:9", verify_tls=False
)
Variable.objects.create(environment=environment, name="user", value="demo")
top = Module.objects.create(name="shop", default_environment=environment)
module = Module.objects.create(name="orders of customers who pay late", parent=top)
rows = DataSet.objects.create(name="rows", rows=[{"name": "one", "values": [["n", 1]]}])
case = Case.objects.create(module=module, name="an order with a rather long name", dataset=rows)
Step.objects.create(
    case=case, url="/orders/" + "x" * 300, method="POST", body_kind="json", body_text="{}",
    headers=[["X-Long", "y" * 300]], params=[["q", "1"]],
    assertions=[{"source": "json", "path": "$.a", "comparator": "equals", "expected": "1"}],
    extractions=[{"name": "id", "source": "json", "path": "$.id"}],
)
schema = Schema.objects.create(
    name="Order.of-a-customer-who-pays-late", text='{"title": "' + "z" * 300 + '"}'
)
judged = {"source": "json", "comparator": "matches_schema", "expected": schema.name}
top.assertions = [judged]
top.save()
specs.refresh(Case.objects.all())
plan = Plan.objects.create(name="nightly", environment=environment)
plan.modules.add(top)
user = User.objects.get(username="admin")
Schedule.objects.create(plan=plan, cron="0 7 * * *", owner=user)
tasks.run_now(Selection(case_ids=(case.pk,)), trigger=Trigger.COMMAND)
waiting = tasks.start_plan(plan, trigger=Trigger.ADMIN, user=user)
channel = Channel(name="the chat of the team", kind="webhook")
channel.keep_url("https://hooks.example.com/" + "x" * 100)
channel.save()
Delivery.objects.create(
    run=waiting, channel=channel, news="broken", reason="The webhook was answered with 500."
)
answer = [
    "/admin/",
    *(f"/admin/{name}/" for name in (
        "cases/module", "cases/case", "cases/dataset", "cases/environment",
        "cases/variable", "cases/tag", "cases/schema", "runs/plan", "runs/schedule", "runs/run",
        "runs/result", "runs/apitoken", "cases/user", "auth/group", "django_q/ormq",
        "django_q/failure",
    )),
    f"/admin/cases/case/{case.pk}/change/",
    "/admin/cases/case/add/",
    f"/admin/cases/module/{top.pk}/change/",
    f"/admin/cases/environment/{environment.pk}/change/",
    f"/admin/cases/dataset/{rows.pk}/change/",
    f"/admin/cases/schema/{schema.pk}/change/",
    f"/admin/cases/user/{user.pk}/change/",
    "/admin/auth/group/add/",
    f"/admin/runs/plan/{plan.pk}/change/",
    "/admin/runs/schedule/add/",
    "/admin/runs/apitoken/add/",
    "/admin/runs/channel/",
    "/admin/runs/channel/add/",
    f"/admin/runs/channel/{channel.pk}/change/",
    "/admin/runs/delivery/",
    f"/admin/runs/result/{Result.objects.get().pk}/change/",
    f"/admin/runs/run/{Result.objects.get().run_id}/change/",
    f"/admin/runs/run/{Result.objects.get().run_id}/change/?tab=where",
    f"/admin/runs/run/{waiting.pk}/change/",
]
"""
READER = """
from django.contrib.auth.models import Permission
reader = User.objects.create_user("reader", password="reader", is_staff=True)
reader.user_permissions.set(Permission.objects.filter(codename__in=["view_case", "view_step"]))
answer = None
"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def paths(installation: object) -> list[str]:
    read: list[str] = installation.do(LAY_OUT)  # type: ignore[attr-defined]
    return read


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_every_page_fits_and_nothing_complains(
    browser: Browser, console: Console, paths: list[str], width: int, theme: str
) -> None:
    console.page.set_viewport_size({"width": width, "height": 900})
    console.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    console.log_in()
    console.page.evaluate(f"localStorage.setItem('_x_adminTheme', '\"{theme}\"')")
    complaints = {}
    for path in paths:
        page = console.open(path)
        expect(page.locator("html")).to_have_class(theme if theme == "dark" else "")
        if (overflow := page.evaluate(OVERFLOW)) > 0:
            complaints[path] = f"{overflow} px too wide"
        if console.errors:
            complaints[path] = str(console.errors)
            console.errors.clear()
    assert complaints == {}


def test_an_open_run_says_that_nobody_works_and_can_be_cancelled(
    console: Console, paths: list[str]
) -> None:
    console.log_in()
    page = console.open(paths[-1])
    expect(page.locator("#run-live")).to_contain_text("run_workers")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#run-state")).to_contain_text("cancelled")
    expect(page.locator("#run-live[hx-get]")).to_have_count(0)


def test_a_reader_sees_a_case_whole_and_cannot_save_it(
    console: Console, paths: list[str]
) -> None:
    console.do(READER)
    console.log_in("reader", "reader")
    page = console.open(paths[17])
    expect(page.locator("#steps-data")).to_contain_text("{}")
    expect(page.locator("#steps-data")).to_contain_text("X-Long")
    expect(page.locator("[name=_save]")).to_have_count(0)
    expect(page.get_by_role("heading", name="Write")).to_be_visible()
    expect(page.get_by_role("heading", name="Administration")).to_be_hidden()


def test_a_page_that_lost_its_session_goes_to_the_login(
    console: Console, paths: list[str]
) -> None:
    console.log_in()
    run = console.do(
        "from runs import tasks; from runs.choices import Trigger\n"
        "answer = tasks.start_plan(Plan.objects.get(), trigger=Trigger.ADMIN).pk"
    )
    page = console.open(f"/admin/runs/run/{run}/change/")
    page.context.clear_cookies()
    expect(page.locator("#id_username")).to_be_visible()
    assert "/login/" in page.url
