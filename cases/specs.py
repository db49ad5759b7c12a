"""Rows -> specs: the only such translation.

A case's compiled spec is stored once per content digest in an immutable `CaseVersion`.
Whoever saves a case, its steps, or anything a case inherits calls `refresh()`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from django.db import transaction

from cases import attachment_specs, schema_specs
from cases.engine.plain_data import pairs
from cases.engine.spec import (
    AssertionSpec,
    AuthSpec,
    BodySpec,
    CaseSpec,
    DefaultsSpec,
    ExtractionSpec,
    PartSpec,
    PollSpec,
    ResendSpec,
    SecretRef,
    StepSpec,
)
from cases.models import (
    AttachmentUse,
    Case,
    CaseVersion,
    Module,
    SchemaUse,
    Step,
    Variable,
)
from cases.querysets import CaseQuerySet

BATCH = 500


def refresh(cases: CaseQuerySet) -> int:
    """Bring the current version of these cases up to date; how many of them changed."""
    tree = ModuleTree()
    ids = list(cases.order_by("pk").values_list("pk", flat=True))
    return sum(
        _refresh_batch(ids[start : start + BATCH], tree) for start in range(0, len(ids), BATCH)
    )


def refresh_users(model: type[AttachmentUse] | type[SchemaUse], names: Iterable[str]) -> None:
    """New versions for the cases that name one of these, or lead to it."""
    ids = model.objects.filter(name__in=list(names)).values_list("case_id", flat=True)
    refresh(Case.objects.filter(pk__in=ids))


def refresh_below(modules: Iterable[Module | int]) -> int:
    """`refresh()` for every case of these modules and of those below them."""
    return refresh(Case.objects.in_modules(modules))


def case_spec(case: Case, tree: ModuleTree) -> CaseSpec:
    """The spec of a case, complete but for its attachments and stored schemas.

    Reads its steps and dataset: prefetch them for many.
    """
    module = tree.branch(case.module_id)
    return CaseSpec(
        name=case.name,
        path=f"{module.path}/{case.name}",
        steps=tuple(step_spec(step) for step in case.steps.all()),
        module_variables=module.variables,
        module_secrets=module.secrets,
        defaults=module.defaults,
        variables=tuple((str(name), value) for name, value in case.variables),
        rows=case.dataset.to_specs() if case.dataset else (),
        timeout_ms=case.deadline_ms,
        retries=case.retries,
        retry_pause_ms=case.retry_pause_ms,
    )


def step_spec(step: Step) -> StepSpec:
    return StepSpec(
        name=step.name,
        method=step.method,
        url=step.url,
        path_params=pairs(step.path_params),
        params=pairs(step.params),
        headers=pairs(step.headers),
        cookies=pairs(step.cookies),
        auth=AuthSpec.from_dict(step.auth),
        body=BodySpec(
            kind=step.body_kind,
            text=step.body_text,
            fields=pairs(step.body_fields),
            parts=tuple(PartSpec.from_dict(part) for part in step.body_parts),
            variables=step.body_variables,
            attachment=step.body_attachment,
            content_type=step.body_content_type,
        ),
        extractions=tuple(ExtractionSpec.from_dict(e) for e in step.extractions),
        assertions=tuple(AssertionSpec.from_dict(a) for a in step.assertions),
        inherit_headers=step.inherit_headers,
        inherit_assertions=step.inherit_assertions,
        follow_redirects=step.follow_redirects,
        max_redirects=step.max_redirects,
        timeout_ms=step.timeout_ms,
        first_byte_ms=step.first_byte_ms,
        delay_ms=step.delay_ms,
        resend=ResendSpec(
            times=step.resend_times,
            on=tuple(step.resend_on),
            pause_ms=step.resend_pause_ms,
        ),
        poll=PollSpec(for_ms=step.poll_for_ms, every_ms=step.poll_every_ms),
    )


def module_defaults(module: Module) -> DefaultsSpec:
    """What this module alone gives to the steps below it."""
    return DefaultsSpec(
        headers=pairs(module.headers),
        auth=AuthSpec.from_dict(module.auth),
        assertions=tuple(AssertionSpec.from_dict(a) for a in module.assertions),
        inherit_headers=module.inherit_headers,
        inherit_assertions=module.inherit_assertions,
    )


@dataclass(frozen=True, slots=True)
class Branch:
    """What a module gives to the cases in it, its ancestors' share included."""

    path: str
    variables: tuple[tuple[str, Any], ...]
    secrets: tuple[SecretRef, ...]
    defaults: DefaultsSpec


_NOWHERE = Branch("", (), (), DefaultsSpec())


class ModuleTree:
    """The whole tree of modules with its variables, in two queries, when first asked."""

    def __init__(self) -> None:
        self._branches: dict[int, Branch] = {}

    @cached_property
    def _modules(self) -> dict[int, Module]:
        return {module.pk: module for module in Module.objects.order_by().defer("description")}

    @cached_property
    def _variables(self) -> dict[int, list[Variable]]:
        found: dict[int, list[Variable]] = {}
        for variable in Variable.objects.exclude(module=None).order_by("name"):
            found.setdefault(variable.module_id or 0, []).append(variable)
        return found

    def branch(self, module_id: int) -> Branch:
        """The nearest module's variable hides one of the same name further up."""
        known = self._branches.get(module_id)
        if known is None:
            known = self._branches[module_id] = self._grow(module_id)
        return known

    def _grow(self, module_id: int) -> Branch:
        module = self._modules[module_id]
        above = self.branch(module.parent_id) if module.parent_id else _NOWHERE
        own = self._variables.get(module_id, [])
        names = {variable.name for variable in own}
        plain = {key: value for key, value in above.variables if key not in names}
        secret = {ref.name: ref for ref in above.secrets if ref.name not in names}
        for variable in own:
            if variable.is_secret:
                secret[variable.name] = SecretRef(name=variable.name, variable_id=variable.pk)
            else:
                plain[variable.name] = variable.reveal()
        return Branch(
            path=f"{above.path}/{module.name}".lstrip("/"),
            variables=tuple(sorted(plain.items())),
            secrets=tuple(secret[name] for name in sorted(secret)),
            defaults=above.defaults.narrowed(module_defaults(module)),
        )


def _refresh_batch(ids: list[int], tree: ModuleTree) -> int:
    with transaction.atomic():
        wanted = dict(_compiled(ids, tree))
        known = _stored(wanted)
        missing = [key for key in wanted if key not in known]
        CaseVersion.objects.bulk_create(
            CaseVersion(
                case_id=case_id,
                digest=digest,
                spec=wanted[case_id, digest].to_dict(),
                n_rows=len(wanted[case_id, digest].rows),
            )
            for case_id, digest in missing
        )
        if missing:
            known = _stored(wanted)
            attachment_specs.keep_contents({known[key]: wanted[key] for key in missing})
        by_case = {case_id: spec for (case_id, _d), spec in wanted.items()}
        attachment_specs.note_uses(by_case)
        schema_specs.note_uses(by_case)
        current = dict(Case.objects.filter(pk__in=ids).values_list("pk", "current_version_id"))
        moved = [
            Case(pk=case_id, current_version_id=pk)
            for (case_id, _digest), pk in known.items()
            if current[case_id] != pk
        ]
        Case.objects.bulk_update(moved, ["current_version"])
    return len(moved)


def _compiled(ids: list[int], tree: ModuleTree) -> Iterator[tuple[tuple[int, str], CaseSpec]]:
    rows = Case.objects.filter(pk__in=ids).select_related("dataset")
    specs = {case.pk: case_spec(case, tree) for case in rows.prefetch_related("steps")}
    specs = schema_specs.completed(attachment_specs.completed(specs))
    for pk, spec in specs.items():
        yield (pk, hashlib.sha256(_canonical(spec)).hexdigest()), spec


def _canonical(spec: CaseSpec) -> bytes:
    try:
        return orjson.dumps(spec.to_dict(), option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer beyond 64 bits or a lone surrogate: JSON, but not orjson's
        return json.dumps(spec.to_dict(), sort_keys=True).encode()


def _stored(wanted: dict[tuple[int, str], CaseSpec]) -> dict[tuple[int, str], int]:
    rows = CaseVersion.objects.filter(case_id__in={case_id for case_id, _d in wanted})
    found = rows.values_list("case_id", "digest", "pk")
    return {
        (case_id, digest): pk for case_id, digest, pk in found if (case_id, digest) in wanted
    }
