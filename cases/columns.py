"""The columns of the tables that testers fill in."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.engine.comparators import COMPARATORS
from cases.engine.extract import SOURCES
from cases.widgets import Choice, Column

# The id of the <datalist> in templates/cases/lists.html
ATTACHMENT_NAMES = "th-attachments"
_FILTERS = "trim | number"


def pair_columns() -> list[Column]:
    return [
        Column(key="name", label=_("Name"), required=True),
        Column(key="value", label=_("Value"), kind="long"),
    ]


def part_columns() -> list[Column]:
    kinds = (
        Choice(value="text", label=_("Text")),
        Choice(value="base64", label="Base64", title=_("Bytes, written in base64.")),
        Choice(
            value="attachment",
            label=_("Attachment"),
            title=_("A stored file, by its name."),
            lists={"value": ATTACHMENT_NAMES},
        ),
    )
    return [
        Column(key="name", label=_("Name"), required=True),
        Column(key="kind", label=_("Kind"), kind="choice", choices=kinds),
        Column(key="value", label=_("Value"), kind="long"),
        Column(key="filename", label=_("File name")),
        Column(key="content_type", label=_("Content type"), placeholder="image/png"),
    ]


def variable_columns() -> list[Column]:
    return [
        Column(key="name", label=_("Name"), required=True, strip=True),
        Column(
            key="value",
            label=_("Value"),
            kind="value",
            placeholder=_('text, 12, true, [1, 2] or "12"'),
        ),
    ]


def extraction_columns() -> list[Column]:
    return [
        Column(key="name", label=_("Variable"), required=True, strip=True),
        Column(key="source", label=_("Source"), kind="choice", choices=_sources("json")),
        Column(key="path", label=_("Path"), placeholder="$.data.id"),
        Column(key="filters", label=pgettext("of a value", "Filters"), placeholder=_FILTERS),
        Column(key="default", label=_("Default"), kind="value", placeholder=_("none")),
        Column(key="secret", label=_("Secret"), kind="check"),
    ]


def assertion_columns() -> list[Column]:
    comparators = tuple(
        Choice(
            value=name,
            label=_(comparator.label),
            title=_(comparator.description),
            off=() if comparator.needs_expected else ("expected",),
        )
        for name, comparator in COMPARATORS.items()
    )
    return [
        Column(key="source", label=_("Source"), kind="choice", choices=_sources("status")),
        Column(key="path", label=_("Path"), placeholder="$.data.id"),
        Column(key="filters", label=pgettext("of a value", "Filters"), placeholder=_FILTERS),
        Column(key="negated", label=_("Not"), kind="check"),
        Column(key="comparator", label=_("Comparator"), kind="choice", choices=comparators),
        Column(
            key="expected",
            label=_("Expected"),
            kind="value",
            placeholder=_('text, 12, true, [1, 2] or "12"'),
        ),
        Column(key="warns", label=_("Only warn"), kind="check"),
    ]


def row_columns() -> list[Column]:
    return [
        Column(key="name", label=_("Row")),
        Column(key="", label="", kind="value", placeholder=_("not set")),
    ]


def _sources(first: str) -> tuple[Choice, ...]:
    ordered = sorted(SOURCES.items(), key=lambda item: item[0] != first)
    return tuple(
        Choice(
            value=name,
            label=_(source.label),
            title=_(source.description),
            off=() if source.needs_path or source.takes_path else ("path",),
        )
        for name, source in ordered
    )
