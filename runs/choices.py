"""Where things are in their life. The verdicts are `cases.engine.outcome.Outcome`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.engine.outcome import Outcome as Verdict


class RunStatus(models.TextChoices):
    # On record; no worker has touched it yet.
    QUEUED = "queued", _("queued")
    # At least one chunk was claimed.
    RUNNING = "running", _("running")
    # Every chunk has ended and every case has a result.
    FINISHED = "finished", _("finished")
    # Somebody stopped it; cases without a result were not sent, or not recorded.
    CANCELLED = "cancelled", _("cancelled")
    # It could not be planned, so nothing was ever sent.
    LOST = "lost", _("lost")


ENDED = (RunStatus.FINISHED, RunStatus.CANCELLED, RunStatus.LOST)
OPEN = (RunStatus.QUEUED, RunStatus.RUNNING)


class ChunkStatus(models.TextChoices):
    # Not sent yet: the run's window is full.
    WAITING = "waiting", _("waiting")
    # A hint is on its way to a worker.
    QUEUED = "queued", _("queued")
    # Claimed by a worker, under a lease.
    RUNNING = "running", _("running")
    # Each of its cases has a result.
    FINISHED = "finished", _("finished")
    # Stopped before each of its cases had a result.
    CANCELLED = "cancelled", _("cancelled")


class Trigger(models.TextChoices):
    ADMIN = "admin", _("console")
    COMMAND = "command", _("command")
    API = "api", "API"
    SCHEDULE = "schedule", _("schedule")


class Outcome(models.TextChoices):
    """The engine's verdicts with the words people read."""

    PASSED = Verdict.PASSED.value, _("passed")
    FAILED = Verdict.FAILED.value, _("failed")
    ERROR = Verdict.ERROR.value, _("error")
    SKIPPED = Verdict.SKIPPED.value, _("skipped")
    BLOCKED = Verdict.BLOCKED.value, _("blocked")


# What a tester has to look at.
BROKEN = (Outcome.FAILED, Outcome.ERROR, Outcome.BLOCKED)

# Worst first: a run's outcome is the first of these that one of its results has.
WORST_FIRST = sorted(Verdict, key=lambda verdict: verdict.weight, reverse=True)


class ChannelKind(models.TextChoices):
    EMAIL = "email", _("e-mail")
    # A JSON document by POST, signed if wished.
    WEBHOOK = "webhook", _("webhook")
    # Whatever Apprise has a URL for.
    SERVICE = "service", _("chat or other service")


class News(models.TextChoices):
    """What the end of a scheduled run tells those who know how the one before ended."""

    # The first that is not green.
    BROKEN = "broken", _("broken")
    # As before, but with cases that were not broken then.
    MORE_BROKEN = "more_broken", _("more broken")
    STILL_BROKEN = "still_broken", _("still broken")
    # The first that is green again.
    RECOVERED = "recovered", _("green again")
    GREEN = "green", _("green")
    # Somebody stopped it: it says nothing about the system under test.
    CANCELLED = "cancelled", _("cancelled")


class Tell(models.TextChoices):
    """Which news a channel is told."""

    NOT_GREEN = "not_green", _("after every run that is not green")
    CHANGED = "changed", _("when it breaks, breaks further or is green again")
    ALWAYS = "always", _("after every run")


class DeliveryStatus(models.TextChoices):
    # To be sent when it is due, for the first time or again.
    WAITING = "waiting", _("waiting")
    # A worker has it, under a lease.
    SENDING = "sending", _("sending")
    SENT = "sent", _("sent")
    # It failed too often.
    GIVEN_UP = "given_up", _("given up")
