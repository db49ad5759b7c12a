"""A chunk's manifest, unfolded: which case versions and rows it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from django.conf import settings

from cases.engine.spec import CaseSpec
from cases.models import CaseVersion
from runs.execution.environment import Surroundings
from runs.execution.work import Work
from runs.models import Chunk

# Versions never change, so a process reads and compiles each of them once.
MAX_KNOWN = 20_000
_known: dict[int, CaseSpec] = {}


class Unit(NamedTuple):
    """One case, or one row of it."""

    number: int
    case_id: int
    version_id: int
    row_no: int
    spec: CaseSpec


def open_units(chunk: Chunk) -> list[Unit]:
    """What has no result yet: all of it at first, the rest after a crash."""
    recorded = set(chunk.results.values_list("case_id", "row_no"))
    specs = _specs({item[1] for item in chunk.items})
    return [
        unit for unit in _units(chunk, specs) if (unit.case_id, unit.row_no) not in recorded
    ]


def load(units: list[Unit], around: Surroundings) -> Iterator[Work]:
    """Units with everything they need to run."""
    retry_room_s: float = settings.RETRY_ROOM_S
    for unit in units:
        yield Work(
            number=unit.number,
            case_id=unit.case_id,
            version_id=unit.version_id,
            row_no=unit.row_no,
            spec=unit.spec,
            row=unit.spec.rows[unit.row_no - 1] if unit.row_no else None,
            variables=partial(around.variables, unit.spec),
            environment=around.environment,
            tokens=around.tokens,
            retries=around.retries_of(unit.spec),
            retry_room_s=retry_room_s,
        )


def _units(chunk: Chunk, specs: dict[int, CaseSpec]) -> Iterator[Unit]:
    number = 0
    for case_id, version_id, first, last in chunk.items:
        for row_no in range(first, last + 1):
            yield Unit(number, case_id, version_id, row_no, specs[version_id])
            number += 1


def _specs(version_ids: set[int]) -> dict[int, CaseSpec]:
    if len(_known) + len(version_ids) > MAX_KNOWN:
        _known.clear()
    missing = version_ids - _known.keys()
    rows = CaseVersion.objects.filter(pk__in=missing).values_list("pk", "spec")
    _known.update((pk, CaseSpec.from_dict(spec)) for pk, spec in rows)
    return {pk: _known[pk] for pk in version_ids}
