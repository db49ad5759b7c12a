"""A project run by the engine alone: no Django, no rows, no workers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any

from cases.engine.outcome import Attempt
from cases.engine.runner import run_case
from cases.engine.spec import AttachmentSpec, CaseSpec, DefaultsSpec
from cases.engine.transport import Session
from cases.engine.variables import Variables
from cases.importers.project import AttachmentEntry, EnvironmentEntry, Project, VariableEntry

Key = tuple[str, str]  # path of the case, name of the row


def run_alone(project: Project, environment: str) -> dict[Key, Attempt]:
    """What each case, or each row of it, comes to in the environment of that name."""
    target = next(e for e in project.environments if e.spec.name == environment)
    rows = {entry.name: entry.rows for entry in project.datasets}
    here = local()

    def run(job: tuple[CaseSpec, Any]) -> Attempt:
        if not hasattr(here, "session"):
            here.session = Session()
        spec, row = job
        variables = _variables(project, target, spec)
        return run_case(
            spec,
            variables,
            here.session,
            environment=target.spec,
            row=row,
            contents={_digest(entry): entry.data for entry in project.attachments},
        )

    jobs = [
        (spec, row) for spec, dataset in _specs(project) for row in rows.get(dataset, (None,))
    ]
    keys = [(spec.path, row.name if row else "") for spec, row in jobs]
    with ThreadPoolExecutor(16) as pool:
        return dict(zip(keys, pool.map(run, jobs), strict=True))


def _specs(project: Project) -> Iterator[tuple[CaseSpec, str]]:
    inherited: dict[str, dict[str, Any]] = {"": {}}
    defaults = {"": DefaultsSpec()}
    attachments = tuple(
        AttachmentSpec(
            name=entry.name,
            digest=_digest(entry),
            size=len(entry.data),
            content_type=entry.content_type,
        )
        for entry in project.attachments
    )
    for path, module in project.walk():
        above = path.rpartition("/")[0]
        inherited[path] = {**inherited[above], **_plain(module.variables)}
        defaults[path] = defaults[above].narrowed(module.defaults)
        for case in module.cases:
            yield (
                CaseSpec(
                    name=case.name,
                    path=f"{path}/{case.name}",
                    steps=case.steps,
                    module_variables=tuple(inherited[path].items()),
                    defaults=defaults[path],
                    variables=case.variables,
                    attachments=attachments,
                    schemas=tuple(entry.to_spec() for entry in project.schemas),
                    timeout_ms=case.timeout_ms or 30_000,
                ),
                case.dataset,
            )


def _digest(entry: AttachmentEntry) -> str:
    return hashlib.sha256(entry.data).hexdigest()


def _variables(project: Project, target: EnvironmentEntry, spec: CaseSpec) -> Variables:
    return Variables(
        [
            ("global", _plain(project.variables)),
            ("environment", _plain(target.variables)),
            ("module", dict(spec.module_variables)),
            ("case", dict(spec.variables)),
        ],
        secrets=[str(v.value) for v in target.variables if v.is_secret],
    )


def _plain(variables: tuple[VariableEntry, ...]) -> Mapping[str, Any]:
    return {variable.name: variable.value for variable in variables}
