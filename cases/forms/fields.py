"""Fields that offer modules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import cached_property

from cases.models import Module
from cases.paths import module_paths


class ByPath:
    """Offers modules by their paths, in the order of the tree."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"queryset": Module.objects.with_tree_fields(), **options})

    @cached_property
    def _paths(self) -> dict[int, str]:
        return module_paths()

    def label_from_instance(self, obj: Module) -> str:
        return self._paths.get(obj.pk, obj.name)


class ModuleField(ByPath, forms.ModelChoiceField):
    pass


class ModulesField(ByPath, forms.ModelMultipleChoiceField):
    pass
