"""The editor of auth: a scheme and the fields it has, in any row of a case."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.e2e.conftest import Console

CASE = """
module = Module.objects.create(name="auth {name}")
case = Case.objects.create(module=module, name="auth {name}")
Step.objects.create(case=case, url="/1", auth={auth})
answer = case.pk
"""
STORED = "answer = list(Step.objects.filter(case={case}).values_list('url', 'auth'))"
BASIC = {"kind": "basic", "values": [["username", "mei"]]}


def open_case(console: Console, name: str, auth: dict[str, Any]) -> int:
    case = int(console.do(CASE.format(name=name, auth=auth)))
    console.log_in()
    console.open(f"/admin/cases/case/{case}/change/")
    return case


def test_what_is_stored_is_shown_and_saved_unchanged(console: Console) -> None:
    case = open_case(console, "shown", BASIC)
    editor = console.page.locator("auth-editor").first
    expect(editor.get_by_label("User name")).to_have_value("mei")
    console.save()
    assert console.do(STORED.format(case=case)) == [["/1", BASIC]]
    assert console.errors == []


def test_another_scheme_has_other_fields_and_keeps_what_was_typed(console: Console) -> None:
    case = open_case(console, "changed", BASIC)
    editor = console.page.locator("auth-editor").first
    scheme = editor.get_by_role("combobox", name="Auth")
    scheme.select_option("api_key")
    expect(editor.get_by_label("User name")).to_have_count(0)
    expect(editor.get_by_label("Name", exact=True)).to_have_value("X-API-Key")
    editor.get_by_label("Value", exact=True).fill("{{key}}")
    editor.get_by_label("Where").select_option("query")
    scheme.select_option("digest")
    expect(editor.get_by_label("User name")).to_have_value("mei")
    scheme.select_option("api_key")
    console.save()
    assert console.do(STORED.format(case=case)) == [
        ["/1", {"kind": "api_key", "values": [["value", "{{key}}"], ["place", "query"]]}]
    ]


def test_a_new_step_has_an_editor_that_survives_the_removal_of_a_row(console: Console) -> None:
    case = open_case(console, "new", {})
    page = console.page
    for url in ("/2", "/3"):
        page.get_by_text("Add another Step").click()
        rows = page.locator("#steps-data > .form-group:not(.empty-form)")
        rows.last.locator("[name$='-url']").fill(url)
    third = rows.last.locator("auth-editor")
    third.get_by_role("combobox", name="Auth").select_option("bearer")
    third.get_by_label("Token").fill("{{token}}")
    rows.nth(1).locator(".delete-template").click()
    expect(rows.last.locator("auth-editor").get_by_label("Token")).to_have_value("{{token}}")
    console.save()
    assert console.do(STORED.format(case=case)) == [
        ["/1", {}],
        ["/3", {"kind": "bearer", "values": [["token", "{{token}}"]]}],
    ]
    assert console.errors == []
