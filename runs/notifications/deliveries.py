"""Who has to be told of an ended run: one delivery for each channel that wants to hear."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from runs.models import Channel, Delivery, Run
from runs.notifications.policy import is_wanted, news_of


def prepare(run_id: int) -> int:
    """Decide once who is told, and put the deliveries on record; returns how many."""
    with transaction.atomic():
        to_announce = Run.objects.to_announce().filter(pk=run_id)
        if to_announce.update(announced_at=Now()) != 1:
            return 0
        run = Run.objects.get(pk=run_id)
        channels = list(Channel.objects.of_plan(run.plan_id))
        news = news_of(run) if channels else None
        wanted = [
            Delivery(run=run, channel=channel, news=news)
            for channel in channels
            if news and is_wanted(news, channel.tell)
        ]
        Delivery.objects.bulk_create(wanted)
    return len(wanted)
