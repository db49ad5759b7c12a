"""Who chooses permissions reads what they allow, in the language of the page."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.utils.translation import override

from cases.admin.permissions import OURS, PermissionsField
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "codename", "label"),
    [
        ("en", "delete_case", "What is tested | case | delete"),
        ("zh-hans", "delete_case", "测试内容 | 用例 | 删除"),
        ("zh-hans", "add_apitoken", "执行记录 | API 令牌 | 添加"),
        ("zh-hans", "run_case", "测试内容 | 用例 | 可以运行用例"),
    ],
)
def test_a_permission_reads(language, codename, label) -> None:
    field = PermissionsField(Permission.objects.all())
    with override(language):
        permission = Permission.objects.get(codename=codename)
        assert field.label_from_instance(permission) == label


def test_every_permission_of_our_own_has_words() -> None:
    ours = Permission.objects.filter(content_type__app_label__in=("cases", "runs"))
    usual = ("add_", "change_", "delete_", "view_")
    named = {one.codename for one in ours if not one.codename.startswith(usual)}
    assert named == set(OURS)


@pytest.mark.parametrize("page", ["/admin/auth/group/add/", "/admin/cases/user/{}/change/"])
def test_a_page_in_chinese_offers_them_in_chinese(client, page) -> None:
    user = make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    with override("zh-hans"):  # and back: a request leaves its language to the thread
        shown = client.get(page.format(user.pk), headers={"accept-language": "zh-hans"})
    assert "测试内容 | 用例 | 删除" in shown.text
    assert "Can delete" not in shown.text
