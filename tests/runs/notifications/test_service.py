"""Services through Apprise: a real request leaves, and no URL gets into a log or a reason."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from io import StringIO

import pytest

from runs.notifications import service
from runs.notifications.message import Message
from runs.notifications.service import BadServiceUrl
from runs.notifications.undelivered import Undelivered
from tests.servers import free_port
from tests.target import Target

MESSAGE = Message(title="Title", text="Text", data={}, is_good=False)
SECRET = "s3cr3tT0ken"


def test_a_message_reaches_the_service(target: Target) -> None:
    service.notify(f"json://{target.address}/status/200", MESSAGE)
    [asked] = target.requests
    body = json.loads(asked.body)
    assert (body["title"], body["message"], body["type"]) == ("Title", "Text", "failure")


@pytest.fixture
def log() -> Iterator[StringIO]:
    """All that gets as far as the log with LOG_LEVEL=DEBUG; `caplog` hears more."""
    written, root = StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(written), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.mark.parametrize("place", ["/status/500/{}", "/status/404?token={}"])
def test_a_refusal_has_a_reason_without_the_secret(
    target: Target, place: str, log: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    url = f"json://user:{SECRET}@{target.address}{place.format(SECRET)}"
    with pytest.raises(Undelivered, match="did not take it") as caught:
        service.notify(url, MESSAGE)
    written = capfd.readouterr()
    for text in (str(caught.value), log.getvalue(), written.out, written.err):
        assert SECRET not in text


def test_nobody_there_is_told() -> None:
    with pytest.raises(Undelivered, match="did not take it"):
        service.notify(f"json://127.0.0.1:{free_port()}/{SECRET}", MESSAGE)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "knows no service"),
        ("nosuch://host/path", "knows no service"),
        ("slack://too/short", "knows no service"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?template=/etc/passwd", "file"),
        ("fcm://project/device?KeyFile=/etc/passwd", "file"),
        ("vapid://a@b.com/key?%73ubfile=/etc/passwd", "file"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?a=b; template=/x", "file"),
        ("http://[broken", "knows no service"),
    ],
)
def test_a_url_that_cannot_or_must_not_be_used_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(BadServiceUrl, match=sentence) as caught:
        service.check(url)
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in str(caught.value)


def test_a_fault_in_a_plugin_is_a_reason_and_not_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import apprise

    def broken(*_args: object, **_options: object) -> bool:
        raise KeyError(SECRET)

    monkeypatch.setattr(apprise.NotifyBase, "notify", broken)
    with pytest.raises(Undelivered, match=r"^The service failed: KeyError\.$"):
        service.notify("json://127.0.0.1/x", MESSAGE)


def test_it_leaves_no_threads_behind(target: Target) -> None:
    service.notify(f"json://{target.address}/status/200", MESSAGE)  # what is made once
    before = {thread.name for thread in threading.enumerate()}
    service.notify(f"json://{target.address}/status/200", MESSAGE)
    new = {t.name for t in threading.enumerate()} - before
    assert not [name for name in new if "process_request" not in name]  # the target's own


def test_what_is_said_in_another_thread_is_not_heard() -> None:
    say = logging.getLogger("apprise").warning
    with service._heard() as said:
        other = threading.Thread(target=say, args=["the other's URL"])
        other.start()
        other.join()
        say("mine")
    assert said == ["mine"]


def test_a_url_cannot_make_a_worker_wait_long() -> None:
    made = service._service("json://127.0.0.1/x?cto=600&rto=600")
    assert made.request_timeout == (service.TIMEOUT_S, service.TIMEOUT_S)
