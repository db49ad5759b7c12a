"""Ended runs of a schedule, channels, and somebody who listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from tests.servers import MailServer

KEYS = count(1)


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """The mail server of the installation under test."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def nightly(db: None) -> Callable[..., Any]:
    """`nightly("pf")`: an ended run of the schedule of one plan, with a result for each
    letter: `p` passed, `f` failed, `e` error, `s` skipped. The n-th letter is the n-th case.
    """
    from runs.choices import Outcome, RunStatus, Trigger
    from runs.models import Chunk, Result, Run, Schedule
    from tests.factories import make_case, make_environment, make_plan, make_user

    environment = make_environment(name="Staging")
    saved = make_plan(make_case(), environment=environment, name="nightly")
    schedule = Schedule.objects.create(plan=saved, cron="0 7 * * *", owner=make_user())
    worst_first = {"e": Outcome.ERROR, "f": Outcome.FAILED, "p": Outcome.PASSED}
    words = {**worst_first, "s": Outcome.SKIPPED}

    def make(letters: str, **fields: Any) -> Any:
        worst = next((o for letter, o in words.items() if letter in letters), "")
        run = Run.objects.create(
            **{
                "title": saved.name,
                "plan": saved,
                "schedule": schedule,
                "environment_name": environment.name,
                "trigger": Trigger.SCHEDULE,
                "status": RunStatus.FINISHED,
                "outcome": worst,
                "n_total": len(letters),
                **fields,
            }
        )
        counts = {f"n_{words[x]}": letters.count(x) for x in set(letters)}
        chunk = Chunk.objects.create(run=run, seq=0, items=[], n_items=len(letters), **counts)
        Result.objects.bulk_create(
            Result(
                run=run,
                chunk=chunk,
                case_id=number,
                case_name=f"case {number}",
                case_path=f"Shop/case {number}",
                outcome=words[letter],
                message="" if letter in "ps" else f"Reason {number}.",
            )
            for number, letter in enumerate(letters, 1)
        )
        return run

    return make


@pytest.fixture
def make_channel(db: None) -> Callable[..., Any]:
    """By default an active webhook that is told everything."""
    from runs.models import Channel

    def make(url: str = "", signing_key: str = "", **fields: Any) -> Any:
        kind = "webhook" if url else "email"
        channel = Channel(
            **{"name": f"channel {next(KEYS)}", "kind": kind, "tell": "always", **fields}
        )
        if url:
            channel.keep_url(url)
            channel.keep_signing_key(signing_key)
        else:
            channel.recipients = channel.recipients or "team@example.com"
        channel.save()
        return channel

    return make
