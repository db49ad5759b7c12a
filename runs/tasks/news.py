"""Telling people that a scheduled run has ended. A message may wait, a run never does:
what is to be told stands in rows, and these tasks come after the run was closed."""

from __future__ import annotations

import logging
import time
from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from runs.choices import News
from runs.execution.persist import persistently
from runs.models import Delivery, Run
from runs.models.delivery import MAX_TRIES
from runs.notifications import deliveries
from runs.notifications.message import SHOWN, Message, run_message
from runs.notifications.send import send
from runs.notifications.undelivered import Undelivered
from runs.querysets import RunQuerySet
from runs.reports import result_data, run_data
from runs.tasks import queue

logger = logging.getLogger(__name__)

# A database that is away for so long makes a message come twice.
NOTE_WITHIN_S = 30


def announce(run_id: int) -> None:
    """Decide who is told of this run, and begin to tell them."""
    if deliveries.prepare(run_id):
        send_due()


def deliver(delivery_id: int) -> None:
    """Send one message, then ask for the next one.

    One at a time: a mail server that does not answer costs one worker its seconds, and
    leaves the others to the runs.
    """
    if Delivery.objects.under_way().exists():
        return  # whoever sends it asks for this one when it is done
    delivery = Delivery.claim(delivery_id)
    if delivery is None:
        return
    _send(delivery)
    send_due()


def announce_run_of(chunk_id: int) -> None:
    """After a chunk: if it closed a scheduled run, have it announced."""
    _announce_soon(Run.objects.to_announce().filter(chunks=chunk_id))


def announce_due() -> None:
    """Whatever got lost on the way: runs that nobody was told of, deliveries that are due."""
    _announce_soon(Run.objects.to_announce())
    send_due()


def send_due() -> None:
    """Have the next due message sent, unless one is being sent."""
    if Delivery.objects.under_way().exists():
        return
    pk = Delivery.objects.due().order_by("due_at", "pk").values_list("pk", flat=True).first()
    if pk is not None:
        transaction.on_commit(partial(queue.enqueue, "runs.tasks.deliver", pk))


def message_of(run: Run, news: News) -> Message:
    """What to tell people of an ended run."""
    broken = run.results.broken().order_by("pk")[:SHOWN]
    return run_message(
        run_data(run), [result_data(result) for result in broken], news, page_of(run)
    )


def page_of(run: Run) -> str:
    """The address of a run's page for people elsewhere."""
    return settings.PUBLIC_URL + reverse("admin:runs_run_change", args=[run.pk])


def _announce_soon(runs: RunQuerySet) -> None:
    for pk in runs.order_by("pk").values_list("pk", flat=True):
        transaction.on_commit(partial(queue.enqueue, "runs.tasks.announce", pk))


def _send(delivery: Delivery) -> None:
    channel = delivery.channel
    if not channel.is_active:
        delivery.give_up(_("The channel was switched off."))
        return
    if delivery.n_tries > MAX_TRIES:
        delivery.give_up(_("Every worker that tried to send it died."))
        return
    try:
        send(channel, message_of(delivery.run, News(delivery.news)), delivery.pk)
    except Undelivered as error:
        reason = str(error)
        logger.warning("Channel %s, run %d: %s", channel, delivery.run_id, reason)
        delivery.note_failure(reason)
    else:
        # What is not noted is sent again.
        persistently(delivery.note_sent, until=time.monotonic() + NOTE_WITHIN_S)
