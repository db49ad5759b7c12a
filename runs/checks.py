"""System checks of Q_CLUSTER: refuse what is known to break later, each with a hint.

The traps of django-q2 were measured; docs/explanation/execution.md tells each story.
`runs/database_checks.py` has those of the databases.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django_q.conf import Conf

# Only these reach zero when they are subtracted from a float again and again.
GUARD_CYCLES = (0.25, 0.5, 1)
BROKER = "runs.broker.Broker"
# Other processes see nothing of the first and the last; the second costs twelve
# statements a second.
BAD_CACHES = ("LocMemCache", "DatabaseCache", "DummyCache")


@register()
def check_cluster(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """The settings of django-q2 that lose work or stop the cluster in silence."""
    return [
        Error(f"Q_CLUSTER {message}", hint=hint, id=f"testhub.E{number:03}")
        for number, message, hint in [*_timing(), *_tasks(), *_surroundings()]
    ]


Refusals = Iterator[tuple[int, str, str]]


def _timing() -> Refusals:
    if Conf.GUARD_CYCLE not in GUARD_CYCLES:
        yield (
            1,
            f"guard_cycle={Conf.GUARD_CYCLE} switches the hard timeout off.",
            "Use 0.25, 0.5 or 1.",
        )
    needed_s = settings.CHUNK_BUDGET_S + settings.RETRY_ROOM_S + settings.CASE_TIMEOUT_S + 45
    # What one worker may still have before it: what waits, and what the pusher holds.
    turns = Conf.QUEUE_LIMIT + Conf.BULK + 1
    if not isinstance(Conf.TIMEOUT, int) or needed_s >= Conf.TIMEOUT:
        yield (
            3,
            f"timeout={Conf.TIMEOUT} ends chunks that are in good order.",
            "Use a whole number above CHUNK_BUDGET_S + RETRY_ROOM_S + CASE_TIMEOUT_S + 45"
            f" ({needed_s} s).",
        )
    elif turns * Conf.TIMEOUT >= Conf.RETRY:
        yield (
            4,
            f"retry={Conf.RETRY} hands out chunks that are under way.",
            f"Use more than queue_limit + bulk + 1 timeouts ({turns * Conf.TIMEOUT} s).",
        )


def _tasks() -> Refusals:
    if Conf.QUEUE_LIMIT < 1:
        yield (
            2,
            f"queue_limit={Conf.QUEUE_LIMIT} lets the pusher take everything.",
            "Use 1.",
        )
    if not Conf.ACK_FAILURES:
        yield (8, "ack_failures=False runs what has failed again, for ever.", "Use True.")
    if Conf.SYNC:
        yield (9, "sync=True runs tasks where they are sent, without workers.", "Use False.")


def _surroundings() -> Refusals:
    backend = str(settings.CACHES.get(Conf.CACHE, {}).get("BACKEND", ""))
    if backend.endswith(BAD_CACHES) or not backend:
        yield (
            5,
            f"cache={Conf.CACHE!r} hides the cluster from other processes.",
            "Use a file-based or Redis cache.",
        )
    if Conf.BROKER_CLASS != BROKER:
        yield (
            10,
            f"broker_class={Conf.BROKER_CLASS!r} sends no probes: run_workers would take the"
            " cluster for one that hangs.",
            f"Use {BROKER!r}.",
        )
    if settings.Q_CLUSTER["name"] != Conf.CLUSTER_NAME:
        yield (
            11,
            f"cluster_name={Conf.CLUSTER_NAME!r} takes from a queue that nobody fills.",
            "Unset cluster_name and Q_CLUSTER_NAME.",
        )
