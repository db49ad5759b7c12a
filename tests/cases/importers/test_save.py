from __future__ import annotations

from typing import Any

import pytest

from cases import contents
from cases.importers.project import BadProject
from cases.importers.testhub import parse
from cases.models import Attachment, Case, Environment, Module, Variable
from runs.models import Plan
from runs.projects import save_project
from tests.cases.importers.test_testhub import ATTACHED, SMALL
from tests.factories import make_case

pytestmark = pytest.mark.django_db


def load(text: str = SMALL, **options: object) -> str:
    return str(save_project(parse(text, "small.yaml"), **options))  # type: ignore[arg-type]


def test_loading_twice_changes_nothing() -> None:
    first = load()
    assert first.startswith("created: ")
    assert "updated" not in first
    versions = list(Case.objects.values_list("pk", "current_version_id"))
    assert load() == "unchanged: 9"
    assert list(Case.objects.values_list("pk", "current_version_id")) == versions


def test_a_loaded_case_is_compiled_with_what_it_inherits() -> None:
    load()
    version = Case.objects.get(name="404").current_version
    assert version is not None
    assert version.spec["path"] == "Shop/Orders/404"
    assert version.spec["module_variables"] == [["a", 1], ["open", {"secret": False}]]
    assert version.n_rows == 2


def test_a_change_in_the_file_is_one_update() -> None:
    load()
    before = Case.objects.get(name="404")
    assert load(SMALL.replace("status == 200", "status == 201")) == (
        "updated: 1 case; unchanged: 8"
    )
    after = Case.objects.get(name="404")
    assert after.pk == before.pk
    assert after.current_version_id != before.current_version_id


def test_what_is_not_in_the_file_stays() -> None:
    load()
    module = Module.objects.get(name="Orders")
    Case.objects.create(module=module, name="by hand")
    load()
    assert module.cases.count() == 2


def test_a_secret_is_encrypted_and_kept_when_the_file_does_not_tell_it() -> None:
    load()
    variable = Variable.objects.get(name="key")
    assert (variable.value, variable.reveal()) == ("", "s3cret")
    assert load(SMALL.replace(", value: s3cret", "")) == "unchanged: 8"
    assert Variable.objects.get(name="key").reveal() == "s3cret"
    assert load(SMALL.replace("s3cret", "new")) == "updated: 1 variable; unchanged: 8"
    assert Variable.objects.get(name="key").reveal() == "new"


def test_a_secret_that_nobody_knows_is_reported() -> None:
    tally = save_project(parse(SMALL.replace(", value: s3cret", ""), "small.yaml"))
    assert tally.missing_secrets == ["key of Shop"]


def test_a_project_can_be_loaded_below_a_module() -> None:
    team = Module.objects.create(name="Team")
    load(under=team)
    orders = Module.objects.get(name="Orders")
    assert orders.path == "Team/Shop/Orders"
    assert list(Plan.objects.get(name="Nightly").modules.all()) == [orders]
    load()
    assert Module.objects.filter(name="Orders").count() == 2


def test_what_the_columns_do_not_take_is_refused_whole_with_its_place() -> None:
    with pytest.raises(BadProject, match=r"^case Shop/Orders/x+: .*200"):
        load(SMALL.replace("name: 404", f"name: {'x' * 201}"))
    assert not Module.objects.exists()
    assert not Environment.objects.exists()


def test_a_deadline_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(BadProject, match="CASE_TIMEOUT_S"):
        load(SMALL.replace("timeout_ms: 900", "timeout_ms: 900000"))


def test_attachments_are_replaced_where_the_file_says_otherwise() -> None:
    elsewhere = make_case(
        steps=[{"url": "/", "body_kind": "attachment", "body_attachment": "a.txt"}]
    )
    sent = ATTACHED.replace("GET /orders", "POST /x\n            attachment: a.txt")
    assert "2 attachments" in load(sent)
    assert "updated" not in load(sent)
    assert load(sent.replace("text: ü", "text: new")).startswith("updated: 1 attachment;")
    stored = Attachment.objects.get(name="a.txt")
    assert contents.read(stored.content.digest) == b"new"
    for case in Case.objects.all():
        assert case.current_version is not None
        assert case.current_version.contents.get() == stored.content
    # without the attachment, with the first content, with the second
    assert elsewhere.versions.count() == 3


def test_an_attachment_larger_than_the_limit_is_refused(settings: Any) -> None:
    settings.ATTACHMENT_LIMIT_MB = 0
    with pytest.raises(BadProject, match=r"^attachment a\.txt: The file has 2 bytes: "):
        load(ATTACHED)
