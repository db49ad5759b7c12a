"""E-mails through a real server."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from runs.notifications import mail
from runs.notifications.message import Message
from runs.notifications.undelivered import Undelivered
from tests.servers import MailServer, free_port

MESSAGE = Message(
    title="每夜 in Staging:\n1 of 2 broken", text="Line 1\nLine 2 “ü”", data={}, is_good=False
)


def test_an_email_arrives_as_it_was_written(mail_server: MailServer, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "testhub@example.com"
    mail.send(["a@example.com", "b@example.com"], MESSAGE)
    [letter] = mail_server.letters
    assert letter["Subject"] == "[testhub] 每夜 in Staging: 1 of 2 broken"
    assert letter["From"] == "testhub@example.com"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().split() == MESSAGE.text.split()
    assert mail_server.recipients == [["a@example.com", "b@example.com"]]


def test_apprise_in_the_same_process_changes_nothing_of_it(mail_server: MailServer) -> None:
    from runs.notifications import service

    service.check("mailto://user:password@example.com")
    mail.send(["a@example.com"], MESSAGE)
    [letter] = mail_server.letters
    assert letter["Subject"] == "[testhub] 每夜 in Staging: 1 of 2 broken"


def test_a_refusal_is_told_with_the_servers_words(mail_server: MailServer) -> None:
    mail_server.refuse_with("554 5.7.1 no such luck")
    with pytest.raises(Undelivered, match=r"127\.0\.0\.1:\d+ did not take it.*no such luck"):
        mail.send(["a@example.com"], MESSAGE)


def test_nobody_there_is_told(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    with pytest.raises(Undelivered, match="refused"):
        mail.send(["a@example.com"], MESSAGE)


def test_a_server_that_says_nothing_is_left_after_the_deadline(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 1
        began = time.monotonic()
        with pytest.raises(Undelivered, match="timed out"):
            mail.send(["a@example.com"], MESSAGE)
        assert time.monotonic() - began < 3 * 1 + 2


def test_without_a_mail_server_it_says_which_setting_is_missing(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    with pytest.raises(Undelivered, match="EMAIL_HOST"):
        mail.send(["a@example.com"], MESSAGE)
