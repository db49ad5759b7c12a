"""How a message leaves: by the kind of its channel."""

from __future__ import annotations

from cases.encryption import UndecryptableSecret
from runs.choices import ChannelKind
from runs.models import Channel
from runs.notifications import mail, webhook
from runs.notifications.message import Message
from runs.notifications.undelivered import Undelivered


def send(channel: Channel, message: Message, number: int) -> None:
    """Hand the message over, once; returns when the other side has taken it.

    `number` tells repeated tries of one delivery apart from two deliveries; 0 is a test.
    Raises `Undelivered`.
    """
    try:
        if channel.kind == ChannelKind.EMAIL:
            mail.send(channel.addresses, message)
        elif channel.kind == ChannelKind.WEBHOOK:
            webhook.post(channel.reveal_url(), channel.reveal_signing_key(), message, number)
        else:
            # Here, because it loads a hundred modules that most installations never need.
            from runs.notifications import service

            service.notify(channel.reveal_url(), message)
    except UndecryptableSecret as error:
        raise Undelivered(str(error)) from None
