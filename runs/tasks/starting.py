"""What starts a run: put it on record, plan it, send its first hints."""

from __future__ import annotations

from django.db import transaction

from cases.models import Environment, User
from runs.choices import Trigger
from runs.execution import inline, plan
from runs.execution.dispatch import dispatch
from runs.execution.plan import Options, Origin
from runs.execution.repeat import environment_again, selection_again
from runs.execution.selection import Selection, default_environment
from runs.models import ApiToken, Plan, Run
from runs.tasks import queue

# Up to this many cases are planned where they are started, in 0.2 s; more by a task.
PLANNED_AT_ONCE = 10_000


def start_run(
    selection: Selection,
    *,
    trigger: Trigger,
    environment: Environment | None = None,
    user: User | None = None,
    token: ApiToken | None = None,
    idempotency_key: str | None = None,
    options: Options | None = None,
) -> Run:
    """Put a run on record and hand it to the workers.

    Without an environment the modules' default is taken. Raises `PlanError`.
    """
    origin = Origin(trigger=trigger, user=user, token=token, idempotency_key=idempotency_key)
    return _start(selection, environment, origin, options or Options())


def start_plan(
    saved: Plan,
    *,
    trigger: Trigger,
    environment: Environment | None = None,
    user: User | None = None,
    token: ApiToken | None = None,
) -> Run:
    """`start_run` for a saved plan, in its environment unless another is given."""
    origin = Origin(trigger=trigger, user=user, token=token)
    return start_planned(saved, environment, origin)


def run_now(
    selection: Selection,
    *,
    trigger: Trigger,
    environment: Environment | None = None,
    user: User | None = None,
    token: ApiToken | None = None,
    idempotency_key: str | None = None,
) -> Run:
    """Execute a selection here and now, in this thread, and return the ended run.

    What does not fit into CHUNK_BUDGET_S goes on in the workers. Raises `PlanError`.
    """
    environment = environment or default_environment(selection)
    origin = Origin(trigger=trigger, user=user, token=token, idempotency_key=idempotency_key)
    with transaction.atomic():
        run = plan.create_run(selection, environment, origin, Options())
        plan.plan_run(run.pk)
        inline.reserve(run)
    queue.send(inline.run_inline(run))
    run.refresh_from_db()
    return run


def repeat_run(
    run: Run,
    *,
    trigger: Trigger,
    user: User | None = None,
    environment: Environment | None = None,
    failed_only: bool = False,
) -> Run:
    """Start once more what a run did: its selection, environment and options, with the
    cases and the values of today. `failed_only`: only what of it is broken.

    Raises `PlanError`.
    """
    selection = selection_again(run, failed_only=failed_only)
    origin = Origin(trigger=trigger, user=user, repeats=run)
    return _start(selection, environment or environment_again(run), origin, Options.of_run(run))


def settle(run: Run) -> None:
    """Move a run on after its state was changed: after `Run.cancel()`."""
    queue.send_on_commit(dispatch(run.pk))


def _start(
    selection: Selection,
    environment: Environment | None,
    origin: Origin,
    options: Options,
) -> Run:
    environment = environment or default_environment(selection)
    with transaction.atomic():
        run = plan.create_run(selection, environment, origin, options)
        n_cases = selection.cases()[: PLANNED_AT_ONCE + 1].count()
        if n_cases > PLANNED_AT_ONCE:
            queue.plan_on_commit(run.pk)
        else:
            plan.plan_run(run.pk)
            queue.send_on_commit(dispatch(run.pk))
    run.refresh_from_db()
    return run


def start_planned(saved: Plan, environment: Environment | None, origin: Origin) -> Run:
    """`start_plan` for whoever is described by `origin`."""
    return _start(
        Selection.of_plan(saved),
        environment or saved.environment,
        origin,
        Options.of_plan(saved),
    )
