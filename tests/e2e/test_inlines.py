"""What unfold gets wrong in inlines and `static/testhub/inlines.js` puts right.

To be run again with every new version of unfold.
"""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Console

CASE = """
module, _made = Module.objects.get_or_create(name="shop")
case = Case.objects.create(module=module, name={name!r})
for position, url in enumerate({urls!r}):
    Step.objects.create(case=case, position=position, url=url)
answer = case.pk
"""
URLS = "answer = list(Step.objects.filter(case={case}).values_list('url', flat=True))"


def a_case(console: Console, name: str, *urls: str) -> tuple[Page, int]:
    case = console.do(CASE.format(name=name, urls=urls))
    console.log_in()
    return console.open(f"/admin/cases/case/{case}/change/"), case


def add_step(page: Page, url: str) -> Any:
    """A new row at the end, its URL typed; returns the row."""
    page.get_by_text("Add another Step").click()
    rows = page.locator("#steps-data > .form-group:not(.empty-form)")
    row = rows.nth(rows.count() - 1)
    row.locator("[name$='-url']").fill(url)
    return row


def test_a_new_step_is_open_and_is_saved_last(console: Console) -> None:
    page, case = a_case(console, "new", "/1", "/2")
    row = add_step(page, "/3")
    expect(row.locator("[name$='-url']")).to_be_visible()
    add_step(page, "/4")
    console.save()
    assert console.do(URLS.format(case=case)) == ["/1", "/2", "/3", "/4"]
    assert console.errors == []


def test_typed_text_survives_the_removal_of_a_row_before_it(console: Console) -> None:
    page, case = a_case(console, "typed")
    first = add_step(page, "/1")
    second = add_step(page, "/2")
    second.locator("[name$='-name']").fill("kept")
    second.locator("[name$='-body_kind']").select_option("json")
    second.locator("[name$='-body_text']").fill('{"a": 1}')
    second.locator("[name$='-follow_redirects']").press("Space")
    table = second.locator("json-table:has([name$='-headers'])")
    table.get_by_role("button", name="Add row").click()
    table.get_by_label("Name 1").fill("X-Kept")
    table.get_by_label("Value 1").fill("yes")
    first.locator(".delete-template").click()
    console.save()
    stored = console.do(
        f"answer = list(Step.objects.filter(case={case}).values("
        "'url', 'name', 'body_text', 'headers', 'follow_redirects'))"
    )
    assert stored == [
        {
            "url": "/2",
            "name": "kept",
            "body_text": '{"a": 1}',
            "headers": [["X-Kept", "yes"]],
            "follow_redirects": False,
        }
    ]


def test_steps_are_dragged_into_another_order(console: Console) -> None:
    page, case = a_case(
        console, "dragged", "/1", "/2", "/3", "/4"
    )  # four: closed, so easy to drag
    handles = page.locator("#steps-data > .form-group:not(.empty-form) h3 .cursor-move")
    handles.nth(3).drag_to(handles.nth(0))
    console.save()
    assert console.do(URLS.format(case=case)) == ["/4", "/1", "/2", "/3"]


def test_a_step_with_an_error_is_open_and_says_why(console: Console) -> None:
    page, _case = a_case(console, "wrong", "/1", "/2", "/3", "/4")
    row = page.locator("#steps-data > .form-group").nth(2)
    row.locator("h3 strong").click()
    row.locator("[name$='-method']").fill("GE T")
    console.save()
    field = page.locator("#steps-data > .form-group").nth(2).locator("[name$='-method']")
    expect(field).to_be_visible()
    expect(page.locator("#steps-data")).to_contain_text("GE T")
    expect(page.locator("#content")).to_contain_text(re.compile("correct the error"))


def test_only_what_the_kind_of_body_has_a_use_for_is_shown(console: Console) -> None:
    page, _case = a_case(console, "kinds", "/1")
    row = page.locator("#steps-data > .form-group").first
    text, form = row.locator("[name$='-body_text']"), row.locator(".field-body_fields")
    expect(text).to_be_hidden()
    row.locator("[name$='-body_kind']").select_option("json")
    expect(text).to_be_visible()
    row.locator("[name$='-body_kind']").select_option("form")
    expect(text).to_be_hidden()
    expect(form).to_be_visible()
