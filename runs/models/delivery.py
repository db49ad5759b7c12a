from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from runs.choices import DeliveryStatus, News
from runs.querysets import DeliveryQuerySet

# Seconds before the second try, the third ...; after the last of them it is given up.
PAUSES_S = (60, 300, 1_800, 7_200)
MAX_TRIES = len(PAUSES_S) + 1
# django-q2 ends a task before: a lease that has ended had a worker that died.
LEASE_S = int(str(settings.Q_CLUSTER["timeout"])) + 5


class Delivery(models.Model):
    """The message of one run to one channel: there is exactly one."""

    run = models.ForeignKey(
        "runs.Run", verbose_name=_("run"), on_delete=models.CASCADE, related_name="deliveries"
    )
    channel = models.ForeignKey(
        "runs.Channel",
        verbose_name=_("channel"),
        on_delete=models.CASCADE,
        related_name="deliveries",
    )
    news = models.CharField(_("news"), max_length=20, choices=News.choices)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=DeliveryStatus.choices,
        default=DeliveryStatus.WAITING,
    )
    n_tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    due_at = models.DateTimeField(_("due"), db_default=Now())
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    # Why the last try failed, as one sentence without secrets.
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["run", "channel"], name="delivery_once")]
        # The watch: what is due, what was left behind.
        indexes = [models.Index(fields=["status", "due_at"], name="delivery_by_due")]

    def __str__(self) -> str:
        return f"{self.run_id} → {self.channel}"

    @classmethod
    def claim(cls, pk: int) -> Delivery | None:
        """Make a due delivery ours by one conditional UPDATE, or return None."""
        won = (
            cls.objects.due()
            .filter(pk=pk)
            .update(
                status=DeliveryStatus.SENDING,
                lease_until=Now() + timedelta(seconds=LEASE_S),
                n_tries=models.F("n_tries") + 1,
            )
        )
        rows = cls.objects.select_related("channel", "run").filter(pk=pk)
        return rows.first() if won else None

    def note_sent(self) -> None:
        self._change(status=DeliveryStatus.SENT, sent_at=Now(), reason="")

    def note_failure(self, reason: str) -> None:
        """Try again after a pause, or give up; `reason` is for people and holds no secret."""
        reason = reason[:500]
        if self.n_tries >= MAX_TRIES:
            self._change(status=DeliveryStatus.GIVEN_UP, reason=reason)
            return
        pause = timedelta(seconds=PAUSES_S[self.n_tries - 1])
        self._change(status=DeliveryStatus.WAITING, due_at=Now() + pause, reason=reason)

    def give_up(self, reason: str) -> None:
        self._change(status=DeliveryStatus.GIVEN_UP, reason=reason[:500])

    def send_again(self) -> bool:
        """Start anew with one that was given up or that waits. False if there is none."""
        stuck = type(self).objects.filter(
            pk=self.pk, status__in=(DeliveryStatus.GIVEN_UP, DeliveryStatus.WAITING)
        )
        return stuck.update(status=DeliveryStatus.WAITING, n_tries=0, due_at=Now()) == 1

    def _change(self, **change: object) -> None:
        """Only while this try is the last one that was begun."""
        ours = type(self).objects.filter(
            pk=self.pk, status=DeliveryStatus.SENDING, n_tries=self.n_tries
        )
        ours.update(lease_until=None, **change)
