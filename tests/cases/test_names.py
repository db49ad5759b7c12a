"""Names that differ only in case or accents are different names, on every store."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.lookup import NotFound, find_case, find_environment, find_module, find_tag
from cases.models import DataSet, Environment, Module, Tag, Variable
from tests.factories import make_case, make_environment, make_module, make_plan

pytestmark = pytest.mark.django_db

# The last looks like the one before it and is made of other characters.
NAMES = ("token", "Token", "TOKEN", "tokén", unicodedata.normalize("NFD", "tokén"))

MAKERS: dict[str, Callable[[str], Any]] = {
    "module": lambda name: Module.objects.create(name=name),
    "environment": lambda name: Environment.objects.create(name=name),
    "tag": lambda name: Tag.objects.create(name=name),
    "dataset": lambda name: DataSet.objects.create(name=name),
    "plan": lambda name: make_plan(name=name),
    "variable": lambda name: Variable.objects.create(
        name=name, environment=Environment.objects.get_or_create(name="here")[0]
    ),
    "case": lambda name: make_case(Module.objects.get_or_create(name="shop")[0], name=name),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_each_name_is_one_of_its_own(kind: str) -> None:
    made = [MAKERS[kind](name) for name in NAMES]
    rows = type(made[0])._default_manager
    for row, name in zip(made, NAMES, strict=True):
        assert rows.get(name=name).pk == row.pk
        assert rows.filter(name__in=[name]).count() == 1


@pytest.mark.parametrize("kind", sorted(MAKERS.keys() - {"variable"}))
def test_a_name_is_taken_once_whatever_blanks_stand_around_it(kind: str) -> None:
    MAKERS[kind]("Token")
    with pytest.raises(IntegrityError), transaction.atomic():
        MAKERS[kind](" Token ")


def test_people_find_what_they_name() -> None:
    modules = {name: make_module(name) for name in NAMES}
    cases = {name: make_case(modules[name], name=name) for name in NAMES}
    environments = {name: make_environment(name=name) for name in NAMES}
    tags = {name: Tag.objects.create(name=name) for name in NAMES}
    for name in NAMES:
        assert find_module(name) == modules[name]
        assert find_case(f"{name}/{name}") == cases[name]
        assert find_environment(name) == environments[name]
        assert find_tag(name) == tags[name]
    for find in (find_module, find_tag, find_environment):
        with pytest.raises(NotFound):
            find("tOKEN")
