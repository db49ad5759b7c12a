"""From a file on a tester's desk to a step that sends it, in a real browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import Console

PNG = b"\x89PNG\r\n\x1a\n"
SETUP = """
from tests.factories import make_attachment
case = Case.objects.create(module=Module.objects.create(name="{name}"), name="{name}")
Step.objects.create(case=case, url="/1", method="POST")
make_attachment("photos/{name}.png", b"x")
answer = case.pk
"""
STEP = """
step = Step.objects.get(case={case})
answer = [step.body_kind, step.body_attachment, step.body_parts]
"""


def open_case(console: Console, name: str) -> int:
    case = int(console.do(SETUP.format(name=name)))
    console.log_in()
    console.open(f"/admin/cases/case/{case}/change/")
    return case


def test_a_file_is_uploaded_and_shown_with_what_is_known_of_it(
    console: Console, tmp_path: Path
) -> None:
    file = tmp_path / "logo.png"
    file.write_bytes(PNG)
    console.log_in()
    page = console.open("/admin/cases/attachment/add/")
    page.locator("[name=upload]").set_input_files(file)
    console.save()
    expect(page.locator("[name=name]")).to_have_value("logo.png")
    expect(page.locator("[name=content_type]")).to_have_value("image/png")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert Path(download.value.path()).read_bytes() == PNG
    assert console.errors == []


def test_a_body_that_is_an_attachment_asks_for_its_name_alone(console: Console) -> None:
    case = open_case(console, "body")
    page = console.page
    row = page.locator("#steps-data > .form-group:not(.empty-form)").first
    row.locator("[name$='-body_kind']").select_option("attachment")
    expect(row.locator("[name$='-body_text']")).to_be_hidden()
    name = row.locator("[name$='-body_attachment']")
    offered = page.locator(f"#{name.get_attribute('list')} option")
    expect(offered.filter(has_text="photos/body.png")).to_have_count(1)
    name.fill("photos/nowhere.png")
    console.save()
    expect(page.get_by_text("There is no attachment 'photos/nowhere.png'")).to_be_visible()
    page.locator("[name$='-body_attachment']").first.fill("photos/body.png")
    console.save()
    assert console.do(STEP.format(case=case)) == ["attachment", "photos/body.png", []]


def test_a_part_offers_names_when_it_is_an_attachment(console: Console) -> None:
    case = open_case(console, "part")
    page = console.page
    row = page.locator("#steps-data > .form-group:not(.empty-form)").first
    row.locator("[name$='-body_kind']").select_option("multipart")
    table = row.locator(".field-body_parts json-table")
    table.get_by_role("button", name="Add row").click()
    table.get_by_label("Name 1", exact=True).fill("photo")
    table.get_by_label("Value 1").fill("typed before")
    table.get_by_label("Kind 1").select_option("attachment")
    value = table.get_by_label("Value 1")
    expect(value).to_have_attribute("list", "th-attachments")
    expect(value).to_have_value("typed before")
    value.fill("photos/part.png")
    table.get_by_label("Kind 1").select_option("text")
    expect(value).not_to_have_attribute("list", "th-attachments")
    table.get_by_label("Kind 1").select_option("attachment")
    expect(value).to_have_value("photos/part.png")
    console.save()
    part = {"name": "photo", "kind": "attachment", "value": "photos/part.png"}
    [kind, _name, parts] = console.do(STEP.format(case=case))
    assert (kind, parts) == ("multipart", [{**part, "filename": "", "content_type": ""}])
    assert console.errors == []
