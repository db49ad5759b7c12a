"""The cases of one module into rows, with their steps and tags in a few statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cases import specs
from cases.engine.spec import StepSpec
from cases.importers.project import CaseEntry
from cases.importers.tally import Tally, place
from cases.models import Case, DataSet, Module, Step, Tag, User

BATCH = 500


def save_cases(
    tally: Tally,
    module: Module,
    path: str,
    entries: Iterable[CaseEntry],
    *,
    datasets: Mapping[str, DataSet],
    owner: User | None,
) -> dict[str, Case]:
    """Create or update; returns the rows by their paths. `owner` is of new ones only."""
    known = module.cases.select_related("dataset").prefetch_related("steps", "tags")
    stored = {case.name: case for case in known}
    new_steps: dict[Case, tuple[StepSpec, ...]] = {}
    new_tags: dict[Case, tuple[str, ...]] = {}
    saved = {}
    for entry in entries:
        row = stored.get(entry.name) or Case(module=module, name=entry.name, owner=owner)
        has_steps = row.pk is not None and _steps_of(row) == entry.steps
        has_tags = row.pk is not None and _tags_of(row) == set(entry.tags)
        with place("case", f"{path}/{entry.name}"):
            values = _case_columns(entry) | {"dataset": datasets.get(entry.dataset)}
            tally.put(row, values, touched=not (has_steps and has_tags))
            if not has_steps:
                new_steps[row] = entry.steps
                _check(entry.steps, row)
        if not has_tags:
            new_tags[row] = entry.tags
        saved[f"{path}/{entry.name}"] = row
    _write_steps(new_steps)
    _write_tags(new_tags)
    return saved


def find_tags(names: Iterable[str]) -> dict[str, Tag]:
    """The tags of these names; those that are not there yet are created."""
    wanted = set(names)
    found = {tag.name: tag for tag in Tag.objects.filter(name__in=wanted)}
    for name in sorted(wanted - found.keys()):
        found[name] = Tag.objects.create(name=name)
    return found


def lists(pairs: Iterable[tuple[str, Any]]) -> list[list[Any]]:
    """Pairs as they stand in a JSON column."""
    return [list(pair) for pair in pairs]


def _steps_of(row: Case) -> tuple[StepSpec, ...]:
    return tuple(specs.step_spec(step) for step in row.steps.all())


def _tags_of(row: Case) -> set[str]:
    return {tag.name for tag in row.tags.all()}


def _check(steps: Iterable[StepSpec], row: Case) -> None:
    """Raises ValidationError for what the columns do not take."""
    for step in steps:
        _step_row(row, 0, step).full_clean(validate_unique=False, validate_constraints=False)


def _write_steps(steps: Mapping[Case, tuple[StepSpec, ...]]) -> None:
    Step.objects.filter(case__in=steps).delete()
    rows = [
        _step_row(case, position, step)
        for case, written in steps.items()
        for position, step in enumerate(written)
    ]
    Step.objects.bulk_create(rows, batch_size=BATCH)


def _write_tags(tags: Mapping[Case, tuple[str, ...]]) -> None:
    known = find_tags(name for names in tags.values() for name in names)
    link = Case.tags.through
    link._default_manager.filter(case__in=tags).delete()
    rows = [
        link(case=case, tag=known[name]) for case, names in tags.items() for name in set(names)
    ]
    link._default_manager.bulk_create(rows, batch_size=BATCH)


def _case_columns(entry: CaseEntry) -> dict[str, Any]:
    return {
        "description": entry.description,
        "is_active": entry.is_active,
        "priority": entry.priority,
        "variables": lists(entry.variables),
        "timeout_ms": entry.timeout_ms,
        "retries": entry.retries,
        "retry_pause_ms": entry.retry_pause_ms,
    }


def _step_row(case: Case, position: int, spec: StepSpec) -> Step:
    """The inverse of `cases.specs.step_spec`."""
    return Step(
        case=case,
        position=position,
        name=spec.name,
        method=spec.method,
        url=spec.url,
        path_params=lists(spec.path_params),
        params=lists(spec.params),
        headers=lists(spec.headers),
        cookies=lists(spec.cookies),
        auth=spec.auth.to_dict(),
        body_kind=spec.body.kind,
        body_text=spec.body.text,
        body_fields=lists(spec.body.fields),
        body_parts=[part.to_dict() for part in spec.body.parts],
        body_variables=spec.body.variables,
        body_attachment=spec.body.attachment,
        body_content_type=spec.body.content_type,
        extractions=[entry.to_dict() for entry in spec.extractions],
        assertions=[entry.to_dict() for entry in spec.assertions],
        inherit_headers=spec.inherit_headers,
        inherit_assertions=spec.inherit_assertions,
        follow_redirects=spec.follow_redirects,
        max_redirects=spec.max_redirects,
        timeout_ms=spec.timeout_ms,
        first_byte_ms=spec.first_byte_ms,
        delay_ms=spec.delay_ms,
        resend_times=spec.resend.times,
        resend_on=list(spec.resend.on),
        resend_pause_ms=spec.resend.pause_ms,
        poll_for_ms=spec.poll.for_ms,
        poll_every_ms=spec.poll.every_ms,
    )
