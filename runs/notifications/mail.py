"""A message as an e-mail, through the server of the EMAIL_* settings.

Django's own mail instead of Apprise's `mailto:`: the server's password is a setting of the
installation, not part of every channel, and what fails has a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from runs.notifications.message import Message
from runs.notifications.undelivered import Undelivered


def send(addresses: Sequence[str], message: Message) -> None:
    """One e-mail to all of them. Raises `Undelivered`."""
    if not settings.EMAIL_HOST:
        raise Undelivered(_("There is no mail server: set EMAIL_HOST."))
    letter = EmailMessage(
        subject=" ".join(f"[testhub] {message.title}".split()),  # a line break is refused
        body=message.text,
        to=list(addresses),
        # Nobody's holiday notice is wanted in answer (RFC 3834).
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        letter.send()
    except (SMTPException, OSError, ValueError) as error:
        sentence = _("The mail server %(server)s did not take it: %(why)s") % {
            "server": f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
            "why": error,
        }
        raise Undelivered(sentence) from None
