"""Find what a person names: by id, or by path (names from the root joined by `/`)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.models import Case, Environment, Module, Tag


class NotFound(LookupError):
    """Nothing has that id, name or path; the text is one sentence naming it."""


def find_module(text: str) -> Module:
    """Raises `NotFound`."""
    if _is_id(text):
        module = Module.objects.filter(pk=int(text)).first()
    else:
        module = _walk(text.strip("/").split("/"))
    if module is None:
        raise NotFound(_("There is no module “%s”.") % text)
    return module


def find_case(text: str) -> Case:
    """A case's name may hold `/`: the longest module path that fits wins.

    Raises `NotFound`, also for a case that is not active.
    """
    if _is_id(text):
        case = Case.objects.filter(pk=int(text)).first()
    else:
        case = _case_at(text.strip("/").split("/"))
    if case is None:
        raise NotFound(_("There is no case “%s”.") % text)
    if not case.is_active:
        raise NotFound(_("Case “%s” is not active.") % text)
    return case


def find_environment(name: str) -> Environment:
    """Raises `NotFound`, naming the choices."""
    environment = Environment.objects.filter(name=name).first()
    if environment is None:
        names = ", ".join(Environment.objects.values_list("name", flat=True))
        raise NotFound(
            _("There is no environment “%(name)s”. There are: %(names)s.")
            % {"name": name, "names": names or "–"}
        )
    return environment


def find_tag(name: str) -> Tag:
    """Raises `NotFound`."""
    tag = Tag.objects.filter(name=name).first()
    if tag is None:
        raise NotFound(_("There is no tag “%s”.") % name)
    return tag


def _is_id(text: str) -> bool:
    # int() raises on thousands of digits.
    return text.isdecimal() and len(text) < 20


def _walk(names: list[str]) -> Module | None:
    module = None
    for name in names:
        module = Module.objects.filter(parent_key=module.pk if module else 0, name=name).first()
        if module is None:
            return None
    return module


def _case_at(names: list[str]) -> Case | None:
    for cut in range(len(names) - 1, 0, -1):
        module = _walk(names[:cut])
        name = "/".join(names[cut:])
        case = module and Case.objects.filter(module=module, name=name).first()
        if case:
            return case
    return None
