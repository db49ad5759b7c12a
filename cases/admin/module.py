from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, Field, QuerySet
from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminSelectWidget

from cases.admin.variable import VariableInline
from cases.forms import ModuleField, ModuleForm
from cases.models import Case, Module
from cases.paths import module_paths
from cases.querysets import subtree_ids
from cases.specs import refresh_below


class TreeChangeList(ChangeList):
    """Modules in the order of the tree, whatever the ordering of the model is."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str]:
        return ["tree_ordering"]


@admin.register(Module)
class ModuleAdmin(ModelAdmin):
    list_display = ("tree_name", "path", "n_cases", "default_environment")
    list_display_links = ("tree_name",)
    list_select_related = ("default_environment",)
    list_per_page = 50
    list_max_show_all = 50
    sortable_by = ()
    search_fields = ("name",)
    warn_unsaved_form = True
    form = ModuleForm
    fieldsets = (
        (None, {"fields": (("parent", "name"), "description", "default_environment")}),
        (
            _("What every step below is given"),
            {
                "fields": (
                    "headers",
                    "inherit_headers",
                    "auth",
                    "assertions",
                    "inherit_assertions",
                )
            },
        ),
    )
    inlines = (VariableInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Module]:
        tree: QuerySet[Module] = super().get_queryset(request).with_tree_fields()
        return tree

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return TreeChangeList

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Three more queries for the page, whatever the number of modules on it."""
        page = super().get_changelist_instance(request)
        counts, paths = cases_below(), module_paths()
        for module in page.result_list:
            module.n_cases = counts[module.pk]
            module.shown_path = paths[module.pk]
        return page

    def formfield_for_foreignkey(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name == "parent":
            return ModuleField(
                label=_("Parent"), required=False, widget=UnfoldAdminSelectWidget()
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        if change:  # a new module has no cases yet
            refresh_below([form.instance])

    def get_deleted_objects(
        self, objs: Iterable[Module], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What the confirmation lists: the modules by name, the cases by number."""
        below = subtree_ids({module.pk for module in objs})
        paths = module_paths()
        counts = {
            str(Module._meta.verbose_name_plural): len(below),
            str(Case._meta.verbose_name_plural): Case.objects.filter(module__in=below).count(),
        }
        missing = {
            str(model._meta.verbose_name)
            for model in (Module, Case)
            if not request.user.has_perm(f"cases.delete_{model._meta.model_name}")
        }
        return sorted(paths[pk] for pk in below), counts, missing, []

    @admin.display(description=_("name"))
    def tree_name(self, module: Module) -> str:
        return format_html(
            '<span class="th-tree" style="--depth:{}">{}</span>',
            module.tree_depth,
            module.name,
        )

    @admin.display(description=_("path"))
    def path(self, module: Module) -> str:
        return module.shown_path

    @admin.display(description=_("cases"))
    def n_cases(self, module: Module) -> str:
        if not module.n_cases:
            return "0"
        url = reverse("admin:cases_case_changelist")
        return format_html('<a href="{}?module={}">{}</a>', url, module.pk, module.n_cases)


def cases_below() -> Counter[int]:
    """The number of cases of every module and of all modules below it."""
    parents = dict(Module.objects.order_by().values_list("pk", "parent_id"))
    direct = Case.objects.order_by().values_list("module").annotate(n=Count("pk"))
    counts: Counter[int] = Counter()
    for module_id, n_cases in direct:
        while module_id:
            counts[module_id] += n_cases
            module_id = parents[module_id]
    return counts
