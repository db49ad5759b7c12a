from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from runs.choices import OPEN, ChunkStatus, Outcome, RunStatus, Trigger
from runs.querysets import RunQuerySet


class Run(models.Model):
    """One execution of a selection in one environment.

    What ran is frozen: the environment as a snapshot without secret values, the cases as
    versions in the chunks' manifests.
    """

    status = models.CharField(
        _("status"), max_length=10, choices=RunStatus.choices, default=RunStatus.QUEUED
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    title = models.CharField(_("what"), max_length=300)
    trigger = models.CharField(_("started by"), max_length=10, choices=Trigger.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="runs",
    )
    token = models.ForeignKey(
        "runs.ApiToken",
        verbose_name=_("token"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    plan = models.ForeignKey(
        "runs.Plan",
        verbose_name=_("plan"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="runs",
    )
    schedule = models.ForeignKey(
        "runs.Schedule",
        verbose_name=_("schedule"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="runs",
    )
    # The run that this one does once more.
    repeats = models.ForeignKey(
        "self",
        verbose_name=_("repetition of"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="repetitions",
    )
    # The time the schedule meant; NULL for all other runs.
    slot = models.DateTimeField(null=True)
    environment_name = models.CharField(_("environment"), max_length=120)
    # {"spec": EnvironmentSpec, "scopes": [[scope, {name: value}]],
    #  "secrets": [{"scope", "name", "variable_id", "fingerprint"}]}
    environment = models.JSONField(default=dict)
    # `Selection.to_dict()`: read again while the run is not planned, and to repeat it.
    selection = models.JSONField(default=dict)
    variables = models.JSONField(default=list)
    never_send_twice = models.BooleanField(default=False)
    # For all of its cases; NULL: as many as each case says.
    case_retries = models.PositiveSmallIntegerField(null=True)
    n_total = models.PositiveIntegerField(_("cases"), default=0)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    planned_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    # Of scheduled runs: when it was decided who is told that it has ended.
    announced_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    # A digest of user and Idempotency-Key; `runs.once` says what for.
    idempotency_key = models.CharField(max_length=64, null=True, unique=True)
    # One sentence for people when the status alone does not explain itself.
    message = models.CharField(_("message"), max_length=500, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-pk"]
        permissions = [("cancel_run", "Can cancel runs")]
        constraints = [
            # A schedule that fires twice makes one run of a slot.
            models.UniqueConstraint(fields=["schedule", "slot"], name="run_unique_slot")
        ]
        indexes = [
            # The watch: what is still open.
            models.Index(fields=["status", "id"], name="run_by_status"),
            # Whose end nobody was told of.
            models.Index(fields=["trigger", "announced_at"], name="run_by_announced"),
            # The runs of a day.
            models.Index(fields=["created_at"], name="run_by_created"),
        ]

    def __str__(self) -> str:
        return _("Run %(id)s: %(title)s") % {"id": self.pk, "title": self.title}

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def repeats_failed_only(self) -> bool:
        """Whether it does not repeat all of `repeats`, but what of it did not pass."""
        failed_of = self.selection.get("failed_of")
        return failed_of is not None and failed_of == self.repeats_id

    @property
    def needs_permission(self) -> str:
        """What a user must be allowed to start it, or to start it again."""
        return "runs.run_plan" if self.plan_id else "cases.run_case"

    def counts(self) -> dict[str, int]:
        """Results so far by outcome. They never go down and equal the rows: the chunk's
        counters and its results are written in one transaction."""
        return self.counts_and_retried()[0]

    def counts_and_retried(self) -> tuple[dict[str, int], int]:
        """`counts()`, and how many of those that passed did so on a retry."""
        names = (*Outcome.values, "passed_on_retry")
        sums = self.chunks.aggregate(
            **{name: models.Sum(f"n_{name}", default=0) for name in names}
        )
        return {outcome: sums[outcome] for outcome in Outcome.values}, sums["passed_on_retry"]

    def cancel(self, user: models.Model | None = None) -> bool:
        """Stop handing out work. Returns False if the run had already ended.

        Cases that are being sent end by themselves; `runs.execution.finish` closes the
        run when the last of them has.
        """
        asked = type(self).objects.filter(pk=self.pk, status__in=OPEN, cancel_requested_at=None)
        won = asked.update(cancel_requested_at=Now(), cancelled_by=user) == 1
        if won:
            self.chunks.filter(status__in=(ChunkStatus.WAITING, ChunkStatus.QUEUED)).update(
                status=ChunkStatus.CANCELLED
            )
        return won
