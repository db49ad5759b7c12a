"""The way into the queue: names and primary keys, nothing else."""

from __future__ import annotations

import logging
import os
from functools import lru_cache, partial

from django.conf import settings
from django.db import transaction
from django_q.brokers import Broker, get_broker
from django_q.tasks import async_task

logger = logging.getLogger(__name__)


def send(chunk_ids: list[int]) -> None:
    """Tell the workers that these chunks may be ready."""
    for chunk_id in chunk_ids:
        enqueue("runs.tasks.run_chunk", chunk_id)


def send_on_commit(chunk_ids: list[int]) -> None:
    """`send`, once what made these chunks ready is there for the workers to see."""
    if chunk_ids:
        transaction.on_commit(partial(send, chunk_ids))


def plan_on_commit(run_id: int) -> None:
    """Let a worker plan this run."""
    transaction.on_commit(partial(enqueue, "runs.tasks.plan_run", run_id))


def enqueue(name: str, pk: int) -> None:
    """Send one hint; a broker that is away costs a log line, not the caller."""
    try:
        async_task(
            name,
            pk,
            cluster=settings.Q_CLUSTER["name"],
            broker=broker(),
            save=False,
            ack_failure=True,
            timeout=settings.Q_CLUSTER["timeout"],
        )
    except Exception as error:  # the broker is away: the watch sends the hint again
        logger.error("The hint %s(%s) could not be sent: %r", name, pk, error)


def broker() -> Broker:
    """The broker of this process."""
    return _broker_of(os.getpid())


@lru_cache(maxsize=1)
def _broker_of(_pid: int) -> Broker:
    # Shared: asking for one each time opens a Redis connection each time. By process:
    # a socket must not be inherited over fork.
    return get_broker(settings.Q_CLUSTER["name"])
