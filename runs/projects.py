"""A whole project into rows: what `cases` keeps of it, and its plans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction

from cases.importers.project import PlanEntry, Project
from cases.importers.save import Saved, save
from cases.importers.save_cases import find_tags
from cases.importers.tally import Tally, place
from cases.models import Environment, Module, User
from runs.models import Plan


def save_project(
    project: Project, *, user: User | None = None, under: Module | None = None
) -> Tally:
    """Store the project in one transaction. Raises BadProject, with the place."""
    with transaction.atomic():
        saved = save(project, user=user, under=under)
        for entry in project.plans:
            with place("plan", entry.name):
                _save_plan(saved, entry)
    return saved.tally


def _save_plan(saved: Saved, entry: PlanEntry) -> None:
    plan = Plan.objects.filter(name=entry.name).first() or Plan(name=entry.name)
    links: dict[str, list[Any]] = {
        "modules": [saved.modules[path] for path in entry.modules],
        "cases": [saved.cases[path] for path in entry.cases],
        "tags": list(find_tags(entry.tags).values()),
    }
    changed = [
        name
        for name, rows in links.items()
        if not plan.pk or _keys(getattr(plan, name).all()) != _keys(rows)
    ]
    saved.tally.put(
        plan,
        {
            "description": entry.description,
            "environment_id": Environment.objects.get(name=entry.environment).pk,
            "variables": [list(pair) for pair in entry.variables],
            "never_send_twice": entry.never_send_twice,
            "case_retries": entry.case_retries,
        },
        touched=bool(changed),
    )
    for name in changed:
        getattr(plan, name).set(links[name])


def _keys(rows: Iterable[models.Model]) -> set[Any]:
    return {row.pk for row in rows}
