"""A tester writes a case in the console, runs it through real workers, reads the record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Console
from tests.target import Target

pytestmark = pytest.mark.cluster
# What the target needs is a moment; a cold worker on a busy machine needs more.
RUN_MS = 60_000


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as target:
        yield target


def fill_row(table: Locator, number: int, **cells: Any) -> None:
    """Add a row to a table and fill its cells by the labels of their columns."""
    table.get_by_role("button", name="Add row").click()
    for label, value in cells.items():
        cell = table.get_by_label(f"{label} {number}", exact=True)
        if value is True:
            cell.check()
        elif cell.evaluate("cell => cell.tagName") == "SELECT":
            cell.select_option(value)
        else:
            cell.fill(value)


def cells_of(table: Locator) -> list[list[str]]:
    """What a table shows, row by row; booleans as true and false."""
    script = """table => [...table.querySelectorAll("tbody tr")].map(row =>
        [...row.querySelectorAll("input,select,textarea")].map(cell =>
            cell.type === "checkbox" ? String(cell.checked) : cell.value))"""
    read: list[list[str]] = table.evaluate(script)
    return read


def table_of(row: Locator, field: str) -> Locator:
    return row.locator(f"json-table:has(textarea[name$='-{field}'])")


def steps(page: Page) -> Locator:
    return page.locator("#steps-data > .form-group:not(.empty-form)")


ASSERTIONS = [
    {"Source": "status", "Comparator": "equals", "Expected": "200"},
    {"Source": "json", "Path": "$.method", "Comparator": "equals", "Expected": "POST"},
    {"Source": "header", "Path": "X-Nothing", "Not": True, "Comparator": "exists"},
    {"Source": "json", "Path": "$.body", "Comparator": "equals", "Expected": '"7"'},
    {"Source": "json", "Path": "$.body", "Comparator": "equals", "Expected": "7"},
]
SHOWN = [
    ["status", "", "", "false", "equals", "200", "false"],
    ["json", "$.method", "", "false", "equals", "POST", "false"],
    ["header", "X-Nothing", "", "true", "exists", "null", "false"],
    ["json", "$.body", "", "false", "equals", '"7"', "false"],
    ["json", "$.body", "", "false", "equals", "7", "false"],
]


def write_environment(console: Console, url: str) -> None:
    page = console.open("/admin/cases/environment/add/")
    page.fill("#id_name", "target")
    page.fill("#id_base_url", url)
    fill_row(page.locator("json-table"), 1, Name="X-Team", Value="shop & co")
    page.get_by_text("Add another Variable").click()
    page.fill("#id_variables-0-name", "password")
    page.fill("#id_variables-0-value", "open sesame")
    page.locator("#id_variables-0-is_secret").press("Space")
    console.save("_save")


def write_case(console: Console) -> None:
    page = console.open("/admin/cases/module/add/")
    page.fill("#id_name", "shop")
    page.select_option("#id_default_environment", label="target")
    console.save("_save")
    page = console.open("/admin/cases/case/add/")
    page.select_option("#id_module", label="shop")
    page.fill("#id_name", "an order")
    first = steps(page).nth(0)
    first.locator("[name$='-url']").fill("/echo")
    fill_row(table_of(first, "params"), 1, Name="q", Value="a b")
    fill_row(table_of(first, "params"), 2, Name="q", Value="ä{{password}}")
    fill_row(table_of(first, "extractions"), 1, Variable="verb", Source="json", Path="$.method")
    fill_row(table_of(first, "assertions"), 1, Source="status", Expected="200")
    page.get_by_text("Add another Step").click()
    second = steps(page).nth(1)
    second.locator("[name$='-method']").fill("POST")
    second.locator("[name$='-url']").fill("/echo?verb={{verb}}")
    second.locator("[name$='-body_kind']").select_option("json")
    second.locator("[name$='-body_text']").fill("7")
    for number, row in enumerate(ASSERTIONS, 1):
        fill_row(table_of(second, "assertions"), number, **row)
    console.save()


def test_a_case_is_written_run_and_read(console: Console, target: Target) -> None:
    console.log_in()
    write_environment(console, target.url)
    write_case(console)
    page = console.page
    assert page.locator(".errorlist").all_inner_texts() == []

    page.reload()
    assert cells_of(table_of(steps(page).nth(0), "params")) == [
        ["q", "a b"],
        ["q", "ä{{password}}"],
    ]
    assert cells_of(table_of(steps(page).nth(1), "assertions")) == SHOWN
    console.save()
    assert cells_of(table_of(steps(page).nth(1), "assertions")) == SHOWN

    with console.installation.workers():
        page.get_by_text("Run now").click()
        dialog = page.locator("#dialog")
        expect(dialog.locator("select")).to_have_value("1")  # the module's environment
        dialog.get_by_text("Start").click()
        expect(page.locator("#run-state")).to_contain_text("failed", timeout=RUN_MS)
        expect(page.locator("#run-live[hx-get]")).to_have_count(0)
        expect(page.locator("#run-broken")).to_contain_text("shop/an order")

    page.locator("#run-broken a", has_text="an order").click()
    failed = page.locator("#step-2 .th-assertions tr", has_text="failed")
    expect(failed).to_have_count(1)
    expect(failed.locator("td").nth(1)).to_have_text("7")
    expect(failed.locator("td").nth(2)).to_have_text('"7"')
    expect(page.locator("#step-2")).to_contain_text("/echo?verb=GET")
    text = page.content()
    assert "sesame" not in text
    assert "X-Team" in text
    assert console.errors == []


def test_rows_of_a_dataset_are_typed_moved_and_removed(console: Console) -> None:
    console.log_in()
    page = console.open("/admin/cases/dataset/add/")
    page.fill("#id_name", "numbers")
    table = page.locator("data-table")
    table.get_by_role("button", name="Add variable").click()
    table.get_by_label("Variable 1").fill("n")
    table.get_by_label("Variable 1").press("Tab")
    for number, (row, value) in enumerate([("one", "1"), ("two", '"2"'), ("three", "")], 1):
        if number > 1:
            table.get_by_role("button", name="Add row").click()
        table.get_by_label(f"Row {number}").fill(row)
        table.get_by_label(f"n {number}").fill(value)
    table.get_by_role("button", name="Move up").nth(1).click()
    console.save()
    assert cells_of(table) == [["two", '"2"'], ["one", "1"], ["three", ""]]
    table.get_by_role("button", name="Remove row").nth(2).click()
    console.save()
    stored = console.do("answer = DataSet.objects.get(name='numbers').rows")
    assert stored == [
        {"name": "two", "values": [["n", "2"]]},
        {"name": "one", "values": [["n", 1]]},
    ]


@pytest.mark.parametrize("clipboard", [True, False], ids=["with TLS", "without"])
def test_a_token_can_be_copied_when_it_is_made(console: Console, clipboard: bool) -> None:
    console.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    if not clipboard:
        console.page.add_init_script("delete Navigator.prototype.clipboard")
    console.log_in()
    page = console.open("/admin/runs/apitoken/add/")
    page.fill("#id_name", "CI")
    page.click("[name=_save]")
    token = page.locator("#issued-token").inner_text()
    assert token.startswith("th_")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".th-copied")).to_have_count(1)
    if clipboard:
        assert page.evaluate("navigator.clipboard.readText()") == token
    found = console.do(f"answer = ApiToken.find({token!r}).name")
    assert found == "CI"
