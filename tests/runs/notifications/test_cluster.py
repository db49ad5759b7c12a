"""From a due schedule to an e-mail and a webhook, through real workers."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from runs.notifications.webhook import signature
from tests.installation import Installation, wait_until
from tests.servers import MailServer, free_port
from tests.target import Target

pytestmark = pytest.mark.cluster

PORT = free_port()
SETTINGS = {
    "EMAIL_HOST": "127.0.0.1",
    "EMAIL_PORT": PORT,
    "EMAIL_FROM": "testhub@example.com",
    "PUBLIC_URL": "https://testhub.example.com",
    "LOG_LEVEL": "DEBUG",
}
SECRET = "T0KEN-T0KEN"
LAY_OUT = """
from cases import specs
environment = Environment.objects.create(name="Staging", base_url={url!r})
module = Module.objects.create(name="Shop", default_environment=environment)
for name, path in (("works", "/status/200"), ("breaks", "/status/500")):
    case = Case.objects.create(module=module, name=name)
    Step.objects.create(
        case=case, url=path,
        assertions=[{{"source": "status", "comparator": "equals", "expected": 200}}],
    )
specs.refresh_below([module])
plan = Plan.objects.create(name="nightly", environment=environment)
plan.modules.add(module)
owner = User.objects.create_user("mei")
Schedule.objects.create(plan=plan, cron="0 7 * * *", owner=owner)
answer = None
"""
CHANNELS = """
Channel.objects.all().delete()
Channel.objects.create(name="team", kind="email", recipients="qa@example.com")
hook = Channel(name="hook", kind="webhook")
hook.keep_url({url!r})
hook.keep_signing_key("key")
hook.save()
answer = None
"""
# Waits inside: a process for each question would cost more than what it waits for.
FIRE_AND_WAIT = """
import time
from runs import tasks
tasks.fire_schedule(Schedule.objects.get().pk, "2026-01-05T07:00:00+00:00")
run = Run.objects.latest("pk")
ends_at = time.monotonic() + 60
while run.deliveries.filter(status="sent").count() < 2 and time.monotonic() < ends_at:
    time.sleep(0.1)
run.refresh_from_db()
answer = {
    "pk": run.pk,
    "state": (run.status, run.outcome),
    "deliveries": list(run.deliveries.values_list("status", "n_tries", "reason")),
}
"""
# Likewise: the silent channel is left after 10 s.
WHILE_SENDING = """
import time
from runs import tasks
Channel.objects.all().delete()
hook = Channel(name="silent", kind="webhook")
hook.keep_url({url!r})
hook.save()

def fire(slot):
    tasks.fire_schedule(Schedule.objects.get().pk, slot)
    return Run.objects.latest("pk")

def wait_until(true):
    ends_at = time.monotonic() + 30
    while not true() and time.monotonic() < ends_at:
        time.sleep(0.05)

first = fire("2026-01-06T07:00:00+00:00")
wait_until(first.deliveries.filter(status="sending").exists)
second = fire("2026-01-07T07:00:00+00:00")
wait_until(Run.objects.filter(pk=second.pk, status="finished").exists)
answer = {{
    "run": Run.objects.get(pk=second.pk).status,
    "delivery meanwhile": first.deliveries.get().status,
}}
"""


@pytest.fixture(scope="module")
def running(installation: Installation, served: Target) -> Iterator[Installation]:
    installation.do(LAY_OUT.format(url=served.url))
    with installation.workers(2):
        yield installation


@pytest.fixture
def mail_box() -> Iterator[MailServer]:
    with MailServer(PORT) as server:
        yield server


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a machine that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def test_a_scheduled_run_that_is_not_green_is_told_once_by_email_and_webhook(
    running: Installation, served: Target, mail_box: MailServer
) -> None:
    running.do(CHANNELS.format(url=f"{served.url}/status/202/{SECRET}"))
    found = running.do(FIRE_AND_WAIT)
    assert found["state"] == ["finished", "failed"]
    assert found["deliveries"] == [["sent", 1, ""], ["sent", 1, ""]], running.log()
    run = found["pk"]
    [letter] = mail_box.letters
    assert letter["Subject"].endswith("1 of 2 broken")
    text = letter.get_content()
    assert "failed: Shop/breaks" in text
    assert f"https://testhub.example.com/admin/runs/run/{run}/change/" in text
    [asked] = [asked for asked in served.requests if asked.method == "POST"]
    assert json.loads(asked.body)["run"]["id"] == run
    stamp = asked.header("X-Testhub-Timestamp") or ""
    assert asked.header("X-Testhub-Signature") == signature("key", stamp, asked.body)
    assert SECRET not in running.log()


def test_a_channel_that_never_answers_holds_up_no_run(
    running: Installation, silent: str
) -> None:
    found = running.do(WHILE_SENDING.format(url=silent))
    assert found == {"run": "finished", "delivery meanwhile": "sending"}, running.log()
    tried = "no complete answer within 10000 ms"
    wait_until(lambda: tried in running.log(), 60, "the silent channel was not left")
