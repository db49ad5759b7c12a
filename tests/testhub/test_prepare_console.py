"""What `make up` finds ready: tables, somebody who can log in, something to look at."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from cases.models import Case, Environment, Module, User

pytestmark = pytest.mark.django_db


def prepare() -> str:
    said = StringIO()
    call_command("prepare_console", demo_url="http://127.0.0.1:8099", stdout=said)
    return said.getvalue()


def test_an_empty_console_gets_an_administrator_and_the_demo() -> None:
    said = prepare()
    password = said.partition("with the password ")[2].split()[0]
    admin = User.objects.get()
    assert admin.is_superuser
    assert admin.check_password(password)
    assert Case.objects.count() >= 40
    assert Environment.objects.get(name="Local").base_url == "http://127.0.0.1:8099"


def test_the_second_time_the_password_is_not_shown_and_nothing_changes() -> None:
    prepare()
    Module.objects.filter(name="Shop").update(description="mine now")
    password = User.objects.get().password
    assert prepare() == ""
    assert User.objects.get().password == password
    assert Module.objects.get(name="Shop").description == "mine now"


def test_a_console_with_modules_of_its_own_gets_no_demo() -> None:
    Module.objects.create(name="Ours")
    prepare()
    assert not Case.objects.exists()


def test_a_disabled_administrator_does_not_count_but_keeps_the_name() -> None:
    User.objects.create_superuser("admin", password="x", is_active=False)
    said = StringIO()
    call_command("create_admin", stdout=said, stderr=said)
    assert "the name admin is taken" in said.getvalue()
    assert User.objects.count() == 1
