"""Pages in Chinese are Chinese all over: no string of the catalogue stands there in English.

What evades the catalogue's own tests is found here: a string that was translated when its
module was imported, or that comes from the database as it stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import chain

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import override

from bin import messages
from cases.models import DataSet, Tag, Variable
from runs.choices import DeliveryStatus, News, Trigger
from runs.execution.selection import Selection
from runs.models import Channel, Delivery, Run, Schedule
from runs.tasks import run_now
from tests.factories import (
    make_case,
    make_environment,
    make_module,
    make_plan,
    make_token,
    make_user,
)

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
SHOWN = ("title", "placeholder", "aria-label", "alt", "value")
NAMES = {"Host", "Digest"}  # a header of the request that a result shows, an auth scheme
# Of an editor's description: what the code reads, not people.
INTERNAL = ("key", "value", "kind", "blank", "name", "default")
ASSERTION = {"source": "status", "path": "", "comparator": "equals", "expected": 200}


class Shown(HTMLParser):
    """Collects the texts of a page, and the attributes that people see or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        given = {name: value or "" for name, value in attrs}
        if "material-symbols-outlined" in given.get("class", ""):
            self._inside = "icon"  # a picture whose file has an English name
        if tag in ("input", "option", "button"):
            given.pop("value", None)
        self.texts.update(given[name] for name in SHOWN if name in given)
        for name in ("data-columns", "data-words"):
            self._table(json.loads(given.get(name) or "[]"))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in ("script", "style", "textarea", "icon"):
            self.texts.add(" ".join(data.split()))

    def _table(self, value: object) -> None:
        """Labels of an editor that the browser draws."""
        if isinstance(value, list):
            for item in value:
                self._table(item)
        elif isinstance(value, dict):
            for name, item in value.items():
                if isinstance(item, str) and name not in INTERNAL:
                    self.texts.add(item)
                else:
                    self._table(item)


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    """What must not stand on a page, as in the code and as in a heading."""
    found = {}
    for message in messages.read():
        chinese = messages.texts(message.string)[0] if message.id else ""
        for text in messages.texts(message.id):
            if text and text.lower() != chinese.lower():
                found |= {text: chinese, capfirst(text): chinese}
    for field in chain.from_iterable(model._meta.concrete_fields for model in MODELS):
        made_up = field.name.replace("_", " ")  # by Django, of a field without a label
        if field.verbose_name == made_up and isinstance(field.verbose_name, str):
            found[capfirst(made_up)] = ""
    return found


@pytest.fixture
def console(client: Client) -> Iterator[Client]:
    """A superuser's, with a row of every model that people see."""
    user = make_user(is_staff=True, is_superuser=True)
    environment = make_environment(name="中")
    Variable.objects.create(name="v", value="7", environment=environment)
    case = make_case(
        make_module(name="甲", default_environment=environment),
        name="乙",
        steps=[{"url": "/", "assertions": [ASSERTION | {"negated": True}]}],
    )
    Tag.objects.create(name="丙")
    DataSet.objects.create(name="丁", rows=[{"name": "一", "values": [["v", 1]]}])
    plan = make_plan(case, name="戊")
    Schedule.objects.create(plan=plan, cron="0 7 * * *", owner=user)
    make_token(user)
    run = run_now(Selection(case_ids=(case.pk,)), trigger=Trigger.COMMAND)
    Delivery.objects.create(
        run=run,
        channel=Channel.objects.create(name="己", recipients="qa@example.com"),
        news=News.STILL_BROKEN,
        status=DeliveryStatus.GIVEN_UP,
    )
    client.force_login(user)
    with override("zh-hans"):  # and back: a request leaves its language to the thread
        yield client


def left_in_english(client: Client, url: str, english: dict[str, str]) -> list[str]:
    page = client.get(url, headers={"accept-language": "zh-hans"})
    if page.status_code in (302, 403, 404):  # nothing to be seen there
        return []
    assert page.status_code == 200, url
    shown = Shown()
    shown.feed(page.text)
    assert any("模块" in text for text in shown.texts), url
    return sorted(shown.texts & english.keys() - NAMES)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_pages_of(model: type[Model], console: Client, english: dict[str, str]) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    urls = [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
    row = model._default_manager.first()
    if row is not None:
        urls += [reverse(f"{name}_{page}", args=[row.pk]) for page in ("change", "delete")]
    assert not {url: left for url in urls if (left := left_in_english(console, url, english))}


def test_the_first_page(console: Client, english: dict[str, str]) -> None:
    assert not left_in_english(console, reverse("admin:index"), english)


def test_where_a_run_ran(console: Client, english: dict[str, str]) -> None:
    url = reverse("admin:runs_run_change", args=[Run.objects.get().pk])
    assert not left_in_english(console, f"{url}?tab=where", english)
