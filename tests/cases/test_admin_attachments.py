"""Files on their way through the console: uploaded, replaced, offered, refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import contents
from cases.models import Attachment, Case
from tests.cases.test_admin_save import STEP, case_data
from tests.factories import make_attachment, make_case, make_module, make_user

pytestmark = pytest.mark.django_db

ADD = "/admin/cases/attachment/add/"
LIST = "/admin/cases/attachment/"
PNG = b"\x89PNG\r\n\x1a\n"


def page(attachment: Attachment, name: str = "change") -> str:
    return reverse(f"admin:cases_attachment_{name}", args=[attachment.pk])


def file(data: bytes = PNG, name: str = "a.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def sending(name: str) -> Case:
    step = {"url": "/x", "method": "POST", "body_kind": "attachment", "body_attachment": name}
    return make_case(make_module("Shop"), steps=[step], name="upload")


def post(client: Client, url: str, **fields: Any) -> Any:
    data = {"name": "", "content_type": "", "description": "", **fields}
    return client.post(url, data, follow=True)


def test_an_upload_takes_its_name_and_its_type_from_the_file(admin: Client) -> None:
    post(admin, ADD, upload=file())
    attachment = Attachment.objects.get()
    assert (attachment.name, attachment.content_type) == ("a.png", "image/png")
    assert contents.read(attachment.content.digest) == PNG


def test_an_upload_may_be_called_otherwise_and_may_be_empty(admin: Client) -> None:
    post(admin, ADD, upload=file(b""), name=" photos/empty ", content_type="x/y")
    attachment = Attachment.objects.get()
    assert (attachment.name, attachment.content_type) == ("photos/empty", "x/y")
    assert attachment.content.size == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose a file."),
        (
            {"upload": file(bytes(1024 * 1024 + 1))},
            "The file has 1048577 bytes: ATTACHMENT_LIMIT_MB allows 1048576.",
        ),
        (
            {"upload": file(), "name": "{{a}}"},
            "The name of an attachment cannot hold a placeholder.",
        ),
        ({"upload": file(), "name": "b.png"}, "Attachment with this Name already exists."),
        ({"upload": file(name=" b.png ")}, "Attachment with this Name already exists."),
        ({"upload": file(name="x" * 201)}, "at most 200 characters (it has 201)"),
        ({"upload": file(), "content_type": "a\x01b"}, "Content-Type holds the character"),
    ],
)
def test_what_cannot_be_stored_is_refused(
    admin: Client, settings: Any, fields: dict[str, Any], said: str
) -> None:
    settings.ATTACHMENT_LIMIT_MB = 1
    make_attachment("b.png", PNG)
    assert said in post(admin, ADD, **fields).text
    assert Attachment.objects.count() == 1


def test_a_new_content_reaches_the_cases_and_the_history(admin: Client) -> None:
    attachment = make_attachment("a", b"old")
    case = sending("a")
    post(admin, page(attachment), upload=file(b"new"), name="a", content_type="text/plain")
    attachment.refresh_from_db()
    case.refresh_from_db()
    assert case.current_version is not None
    [sent] = case.current_version.spec["attachments"]
    assert sent["digest"] == attachment.content.digest
    assert sent["content_type"] == "text/plain"
    said = LogEntry.objects.get().get_change_message()
    assert attachment.content.digest[:8] in said
    assert contents.read(case.versions.earliest("pk").contents.get().digest) == b"old"


def test_without_a_new_file_the_content_stays(admin: Client) -> None:
    attachment = make_attachment("a", b"old")
    post(admin, page(attachment), name="b", content_type="x/y", description="why")
    attachment.refresh_from_db()
    assert (attachment.name, attachment.description) == ("b", "why")
    assert contents.read(attachment.content.digest) == b"old"


def test_what_a_case_sends_is_neither_renamed_nor_deleted(admin: Client) -> None:
    attachment = make_attachment("a", PNG)
    sending("a")
    said = "It cannot be renamed: “a” is sent by Shop/upload."
    assert said in post(admin, page(attachment), name="b").text
    said = "“a” is not deleted: it is sent by Shop/upload."
    delete = page(attachment, "delete")
    assert said in admin.get(delete, follow=True).text
    assert said in admin.post(delete, {"post": "yes"}, follow=True).text
    chosen = {"action": "delete_selected", "_selected_action": attachment.pk, "post": "yes"}
    assert said in admin.post(LIST, chosen).text
    assert Attachment.objects.get().name == "a"


def test_what_nobody_sends_is_deleted(admin: Client) -> None:
    for delete in ("one", "many"):
        attachment = make_attachment("a", PNG)
        if delete == "one":
            admin.post(page(attachment, "delete"), {"post": "yes"})
        else:
            chosen = {"action": "delete_selected", "_selected_action": attachment.pk}
            admin.post(LIST, {**chosen, "post": "yes"})
        assert not Attachment.objects.exists()


def test_a_download_is_a_file_whatever_it_holds(admin: Client) -> None:
    attachment = make_attachment("pages/书.html", b"<script>", content_type="text/html")
    answer = admin.get(page(attachment, "download"))
    assert b"".join(answer.streaming_content) == b"<script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E4%B9%A6.html"


def test_pages_read_no_bytes(admin: Client) -> None:
    attachment = make_attachment("a", PNG)
    sending("a")
    with CaptureQueriesContext(connection) as queries:
        assert "Shop/upload" in admin.get(page(attachment)).text
        assert "8 bytes" in admin.get(LIST).text.replace("\xa0", " ")
    assert not [query for query in queries if "contentpiece" in query["sql"]]


def test_who_may_only_look_may_look_and_download(client: Client) -> None:
    attachment = make_attachment("a", PNG)
    user = make_user(is_staff=True)
    client.force_login(user)
    assert client.get(page(attachment, "download")).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_attachment"))
    assert client.get(page(attachment, "download")).status_code == 200
    shown = client.get(page(attachment))
    assert (shown.status_code, 'type="file"' in shown.text) == (200, False)
    for url in (ADD, page(attachment, "delete")):
        assert client.get(url).status_code == 403
    assert post(client, page(attachment), upload=file(b"new"), name="a").status_code == 403


def test_the_page_of_a_case_offers_attachments(admin: Client) -> None:
    make_attachment("photos/a&b.png", PNG)
    shown = admin.get(reverse("admin:cases_case_add")).text
    assert "<option>photos/a&amp;b.png</option>" in shown


@pytest.mark.parametrize(
    ("step", "field", "said"),
    [
        (
            {"body_kind": "attachment", "body_attachment": "b"},
            "body_attachment",
            "There is no attachment 'b', which the body is to send.",
        ),
        (
            {"body_kind": "attachment", "body_attachment": ""},
            "body_attachment",
            "The body names no attachment.",
        ),
        (
            {
                "body_kind": "multipart",
                "body_parts": json.dumps([["f", "attachment", "b", "", ""]]),
            },
            "body_parts",
            "There is no attachment 'b', which part 1 (f) is to send.",
        ),
    ],
)
def test_a_step_that_names_what_is_not_there_is_refused_at_its_field(
    admin: Client, step: dict[str, str], field: str, said: str
) -> None:
    make_attachment("a", PNG)
    data = case_data(make_module(), {**STEP, "method": "POST", **step})
    answer = admin.post(reverse("admin:cases_case_add"), data)
    [form] = answer.context["inline_admin_formsets"][0].formset.forms
    assert form.errors == {field: [said]}
    assert not Case.objects.exists()
