"""Selection -> a run and its chunks. A chunk lists (case, version, rows), nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from cases import specs
from cases.models import Case, Environment, User
from cases.querysets import CaseQuerySet
from runs.choices import OPEN, RunStatus, Trigger
from runs.execution.environment import snapshot
from runs.execution.selection import EmptySelection, Selection
from runs.models import ApiToken, Chunk, Plan, Run, Schedule

# [case id, version id, first row, last row]
Item = tuple[int, int, int, int]
INSERTS = 500
# The largest chunk has so many times CHUNK_SIZE cases.
LARGEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who or what asked for a run."""

    trigger: Trigger
    user: User | None = None
    token: ApiToken | None = None
    schedule: Schedule | None = None
    slot: datetime | None = None
    idempotency_key: str | None = None
    repeats: Run | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    plan: Plan | None = None
    title: str = ""
    variables: list[list[object]] = field(default_factory=list)
    never_send_twice: bool = False
    case_retries: int | None = None

    @classmethod
    def of_plan(cls, plan: Plan) -> Options:
        return cls(
            plan=plan,
            title=plan.name,
            variables=plan.variables,
            never_send_twice=plan.never_send_twice,
            case_retries=plan.case_retries,
        )

    @classmethod
    def of_run(cls, run: Run) -> Options:
        return cls(
            plan=run.plan,
            title=run.title,
            variables=run.variables,
            never_send_twice=run.never_send_twice,
            case_retries=run.case_retries,
        )


def create_run(
    selection: Selection, environment: Environment, origin: Origin, options: Options
) -> Run:
    """Put a run on record, not planned yet. Raises `EmptySelection`."""
    if not selection.cases().exists():
        raise EmptySelection(
            _("Nothing to run: %s has no active case with a step.")
            % (options.title or selection.title() or _("this selection"))
        )
    return Run.objects.create(
        title=options.title or selection.title(),
        trigger=origin.trigger,
        user=origin.user,
        token=origin.token,
        schedule=origin.schedule,
        slot=origin.slot,
        idempotency_key=origin.idempotency_key,
        repeats=origin.repeats,
        plan=options.plan,
        environment_name=environment.name,
        environment=snapshot(environment),
        selection=selection.to_dict(),
        variables=options.variables,
        never_send_twice=options.never_send_twice,
        case_retries=options.case_retries,
    )


def plan_run(run_id: int) -> bool:
    """Write the chunks of a run in one transaction.

    False if that was done already, or if the run was cancelled, or if nothing is left of
    what it wanted.
    """
    with transaction.atomic():
        run = (
            Run.objects.select_for_update()
            .filter(pk=run_id, planned_at=None, cancel_requested_at=None, status__in=OPEN)
            .first()
        )
        if run is None:
            return False
        items = list(_items(Selection.from_dict(run.selection)))
        if not items:
            give_up(run, _("Nothing to run: its cases are gone."))
            return False
        chunks = list(_chunks(run, items))
        Chunk.objects.bulk_create(chunks, batch_size=INSERTS)
        Run.objects.filter(pk=run_id).update(
            planned_at=Now(), n_total=sum(chunk.n_items for chunk in chunks)
        )
    return True


def give_up(run: Run, message: str) -> bool:
    """Close a run that could not be planned. False if it was planned or closed meanwhile."""
    return (
        Run.objects.filter(pk=run.pk, planned_at=None, status__in=OPEN).update(
            status=RunStatus.LOST, message=message[:500], finished_at=Now()
        )
        == 1
    )


def _items(selection: Selection) -> Iterator[Item]:
    cases = selection.cases()
    # Cases that came in without `refresh()`, by a script or a bulk insert.
    specs.refresh(Case.objects.filter(pk__in=cases.filter(current_version=None)))
    only = selection.rows()
    numbers = _row_numbers(cases.filter(pk__in=only), only) if only else {}
    rows = cases.values_list("pk", "current_version_id", n_rows())
    for case_id, version_id, last_row in rows:
        if case_id in numbers and last_row:
            yield from ((case_id, version_id, row, row) for row in numbers[case_id])
        else:
            yield case_id, version_id, min(1, last_row), last_row


def _row_numbers(cases: CaseQuerySet, only: dict[int, set[str]]) -> dict[int, list[int]]:
    """Where the rows of these names stand today. A case that has lost one of them is not
    named: better all of its rows than one too few."""
    numbers = {}
    for pk, spec in cases.values_list("pk", "current_version__spec").iterator(chunk_size=100):
        names = [row["name"][:200] for row in spec["rows"]]
        if only[pk] <= set(names):
            numbers[pk] = [n for n, name in enumerate(names, 1) if name in only[pk]]
    return numbers


def n_rows() -> models.F:
    return models.F("current_version__n_rows")


def _chunks(run: Run, items: list[Item]) -> Iterator[Chunk]:
    left = sum(map(_n_items, items))
    seq, batch, room = 0, list[Item](), _size(left)
    for piece in _split(items, settings.CHUNK_SIZE):
        n = _n_items(piece)
        if n > room:
            yield _chunk(run, seq, batch)
            seq, batch, room = seq + 1, [], _size(left)
        batch.append(piece)
        room, left = room - n, left - n
    if batch:
        yield _chunk(run, seq, batch)


def _size(n_left: int) -> int:
    """Of the next chunk: a worker's share of what is left, CHUNK_SIZE to ten times as many.

    Guided self-scheduling: between two chunks a worker stands still for some ten queries, so
    there are few while much is left; towards the end chunks are small, so that no worker
    waits long for the last. A window is meant for two chunks a worker.
    """
    n_smallest = 2 * n_left // (settings.WINDOW * settings.CHUNK_SIZE)
    return int(settings.CHUNK_SIZE * min(max(n_smallest, 1), LARGEST))


def _split(items: list[Item], size: int) -> Iterator[Item]:
    """A case with many rows is divided: no piece is larger than the smallest chunk."""
    for case_id, version_id, first, last in items:
        while last - first >= size:
            yield case_id, version_id, first, first + size - 1
            first += size
        yield case_id, version_id, first, last


def _chunk(run: Run, seq: int, items: list[Item]) -> Chunk:
    return Chunk(run=run, seq=seq, items=items, n_items=sum(map(_n_items, items)))


def _n_items(item: Item) -> int:
    _case_id, _version_id, first, last = item
    return last - first + 1
