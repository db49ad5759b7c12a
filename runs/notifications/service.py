"""A message to a service that Apprise knows: Slack, DingTalk, Feishu, Teams, ntfy ..."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import charset

import apprise
from apprise.manager_plugins import NotificationManager
from apprise.utils.parse import parse_qsd
from django.utils.translation import gettext as _

from runs.notifications.message import Message
from runs.notifications.undelivered import Undelivered, without_url

# Loaded here and now, because its module for e-mails changes how every e-mail of the
# process is encoded: that is taken back.
NotificationManager().load_modules()
charset.add_charset("utf-8", charset.SHORTEST, charset.BASE64, "utf-8")

TIMEOUT_S = 5.0
# Parameters with which a URL names a file of this machine; its content would be sent.
FILES = ("template", "keyfile", "subfile", "pgppub", "pgpprv", "attach")


class BadServiceUrl(Exception):
    """Apprise cannot use this URL, or must not. One sentence without the URL."""


def check(url: str) -> None:
    """Raises `BadServiceUrl`."""
    _service(url)


def notify(url: str, message: Message) -> None:
    """Raises `Undelivered`."""
    kind = apprise.NotifyType.SUCCESS if message.is_good else apprise.NotifyType.FAILURE
    with _heard() as said:
        try:
            service = _service(url)
            # The service's own method: Apprise.notify() would leave threads behind.
            taken = service.notify(body=message.text, title=message.title, notify_type=kind)
        except BadServiceUrl as error:
            raise Undelivered(str(error)) from None
        except Exception as error:  # of one of a hundred modules; its text may hold the URL
            failed = _("The service failed: %s.") % type(error).__name__
            raise Undelivered(failed) from None
    if not taken:
        reason = " ".join(said) or _("Apprise does not say why.")
        refused = _("The service did not take it: %s") % reason
        raise Undelivered(without_url(refused, url))


def _service(url: str) -> apprise.NotifyBase:
    named = parse_qsd(url.partition("?")[2], simple=True)["qsd"]
    if files := set(FILES).intersection(named):
        raise BadServiceUrl(
            _("“%s” would read a file of this machine: leave it out.") % min(files)
        )
    asset = apprise.AppriseAsset(app_id="testhub", app_url="", storage_mode="memory")
    with _heard():
        service = apprise.Apprise.instantiate(url, asset=asset)
    if service is None:
        raise BadServiceUrl(_("Apprise knows no service with a URL of this form."))
    # A URL may ask for more (cto, rto), and a worker would wait.
    service.socket_connect_timeout = min(service.socket_connect_timeout, TIMEOUT_S)
    service.socket_read_timeout = min(service.socket_read_timeout, TIMEOUT_S)
    return service


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What Apprise says meanwhile in this thread: its reasons go to its logger alone."""
    said: list[str] = []
    handler, here = logging.Handler(logging.WARNING), threading.get_ident()
    handler.addFilter(lambda record: record.thread == here)
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("apprise")
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)
