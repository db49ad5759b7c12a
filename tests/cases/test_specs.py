"""Versions: what runs is compiled once per content, and never changes afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cases import specs
from cases.engine.spec import CaseSpec
from cases.models import Case, CaseVersion, Module, Variable
from tests.factories import make_case, make_module

pytestmark = pytest.mark.django_db


def current(case: Case) -> CaseSpec:
    case.refresh_from_db()
    assert case.current_version is not None
    return CaseSpec.from_dict(case.current_version.spec)


def test_an_unchanged_case_keeps_its_version() -> None:
    case = make_case()
    version = case.current_version_id
    assert specs.refresh(Case.objects.filter(pk=case.pk)) == 0
    case.refresh_from_db()
    assert case.current_version_id == version
    assert CaseVersion.objects.count() == 1


def test_a_changed_step_makes_a_version_and_leaves_the_old_one() -> None:
    case = make_case(steps=[{"url": "/before"}])
    before = case.current_version
    case.steps.update(url="/after")
    assert specs.refresh(Case.objects.filter(pk=case.pk)) == 1
    assert current(case).steps[0].url == "/after"
    assert before is not None
    before.refresh_from_db()
    assert before.spec["steps"][0]["url"] == "/before"


def test_going_back_to_an_old_content_takes_its_old_version_again() -> None:
    case = make_case(steps=[{"url": "/a"}])
    first = case.current_version_id
    for url in ("/b", "/a"):
        case.steps.update(url=url)
        specs.refresh(Case.objects.filter(pk=case.pk))
    case.refresh_from_db()
    assert case.current_version_id == first
    assert CaseVersion.objects.filter(case=case).count() == 2


def test_two_cases_of_the_same_content_have_a_version_each() -> None:
    first = make_case(make_module("one"), name="same")
    second = make_case(make_module("two"), name="same")
    assert first.current_version_id != second.current_version_id


def _rename(module: Module) -> None:
    module.name = "renamed"
    module.save()


def _move(module: Module) -> None:
    module.parent = make_module("elsewhere")
    module.save()


def _vary(module: Module) -> None:
    Variable.objects.create(module=module, name="size", value="5", kind="json")


@pytest.mark.parametrize(
    ("change", "path", "variables"),
    [
        (_rename, "renamed/below/look", ()),
        (_move, "elsewhere/shop/below/look", ()),
        (_vary, "shop/below/look", (("size", 5),)),
    ],
)
def test_what_a_module_gives_reaches_every_case_below_it(
    change: Callable[[Module], None], path: str, variables: Any
) -> None:
    shop = make_module("shop")
    case = make_case(make_module("below", parent=shop), name="look")
    other = make_case(make_module("other"))
    untouched = other.current_version_id
    change(shop)
    assert specs.refresh_below([shop]) == 1
    spec = current(case)
    assert (spec.path, spec.module_variables) == (path, variables)
    other.refresh_from_db()
    assert other.current_version_id == untouched


def test_the_nearest_modules_variable_hides_the_one_above() -> None:
    top = make_module("top")
    below = make_module("below", parent=top)
    for module, value in ((top, "far"), (below, "near")):
        Variable.objects.create(module=module, name="place", value=value)
    Variable.objects.create(module=top, name="only", value="above")
    case = make_case(below)
    assert current(case).module_variables == (("only", "above"), ("place", "near"))


def test_a_secret_hides_a_plain_variable_of_its_name_and_the_other_way() -> None:
    top = make_module("top")
    below = make_module("below", parent=top)
    Variable.objects.create(module=top, name="a", value="plain")
    Variable.objects.create(module=top, name="b", value="hidden-value", is_secret=True)
    secret = Variable.objects.create(module=below, name="a", value="hidden", is_secret=True)
    Variable.objects.create(module=below, name="b", value="plain")
    spec = current(make_case(below))
    assert spec.module_variables == (("b", "plain"),)
    assert [(ref.name, ref.variable_id) for ref in spec.module_secrets] == [("a", secret.pk)]


def test_a_spec_holds_no_secret_value() -> None:
    module = make_module()
    Variable.objects.create(module=module, name="key", value="s3cr3t-value", is_secret=True)
    version = make_case(module).current_version
    assert version is not None
    assert "s3cr3t-value" not in str(version.spec)
    assert "ciphertext" not in str(version.spec)


def test_a_dataset_is_part_of_the_version() -> None:
    case = make_case(rows=["one", "two"])
    assert case.current_version is not None
    assert case.current_version.n_rows == 2
    assert case.dataset is not None
    case.dataset.rows = case.dataset.rows[:1]
    case.dataset.save()
    specs.refresh(Case.objects.filter(dataset=case.dataset))
    case.refresh_from_db()
    assert case.current_version.n_rows == 1


def test_a_case_without_a_deadline_of_its_own_has_the_limit(settings: Any) -> None:
    settings.CASE_TIMEOUT_S = 7
    assert current(make_case()).timeout_ms == 7_000
    assert current(make_case(timeout_ms=250)).timeout_ms == 250


def test_refreshing_many_cases_takes_few_queries(
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    module = make_module()
    for number in range(20):
        make_case(module, name=f"{number}")
    Variable.objects.create(module=module, name="new", value="1")
    with django_assert_max_num_queries(15):
        assert specs.refresh_below([module]) == 20
