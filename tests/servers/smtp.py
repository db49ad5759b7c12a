"""A mail server for tests: takes e-mails and keeps them, or refuses them."""

from __future__ import annotations

import logging
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.process import free_port

# It tells of every connection that begins and ends.
logging.getLogger("mail.log").setLevel(logging.ERROR)


class MailServer:
    """`letters` is what came so far; `refuse_with("554 no")` refuses every e-mail."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.letters: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self._answer = ""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def refuse_with(self, answer: str) -> None:
        self._answer = answer

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self._answer:
            return self._answer
        content: Any = envelope.content
        letter = message_from_bytes(content, policy=policy.default)
        self.letters.append(letter)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 taken"
