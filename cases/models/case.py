from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.engine import resend, retry
from cases.models.fields import KeyField
from cases.querysets import CaseQuerySet


def no_connection() -> list[str]:
    """What a request is sent again after, unless somebody says otherwise."""
    return ["connect"]


class Tag(models.Model):
    name = KeyField(_("name"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Case(models.Model):
    """One or more ordered steps that pass or fail as a whole."""

    class Priority(models.IntegerChoices):
        HIGHEST = 0, "P0"
        HIGH = 1, "P1"
        NORMAL = 2, "P2"
        LOW = 3, "P3"

    module = models.ForeignKey(
        "cases.Module",
        verbose_name=_("module"),
        on_delete=models.CASCADE,
        related_name="cases",
    )
    name = KeyField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("A case that is not active is never run."),
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # [[name, value], ...]
    variables = models.JSONField(_("variables"), default=list, blank=True)
    dataset = models.ForeignKey(
        "cases.DataSet",
        verbose_name=_("dataset"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="cases",
    )
    timeout_ms = models.PositiveIntegerField(
        _("deadline (ms)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("For the whole case; empty: CASE_TIMEOUT_S."),
    )
    retries = models.PositiveSmallIntegerField(
        _("retries"),
        default=0,
        validators=[MaxValueValidator(retry.MOST)],
        help_text=_("How often the whole case is tried again when it does not pass."),
    )
    retry_pause_ms = models.PositiveIntegerField(
        _("pause before a retry (ms)"),
        default=retry.PAUSE_MS,
        validators=[MaxValueValidator(60_000)],
    )
    # What runs now; written by `cases.specs.refresh`.
    current_version = models.ForeignKey(
        "cases.CaseVersion",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    # Written by the run that finished last.
    last_outcome = models.CharField(
        _("last outcome"), max_length=10, blank=True, editable=False
    )
    last_run_at = models.DateTimeField(_("last run"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["module_id", "name"]
        permissions = [("run_case", "Can run cases")]
        constraints = [
            models.UniqueConstraint(
                fields=["module", "name"],
                name="case_unique_name",
                violation_error_message=_("This module already has a case of that name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def deadline_ms(self) -> int:
        """What each try of it may take."""
        return self.timeout_ms or settings.CASE_TIMEOUT_S * 1000

    def clean(self) -> None:
        super().clean()
        self.name = self.name.strip()
        limit_ms = settings.CASE_TIMEOUT_S * 1000
        if self.timeout_ms and self.timeout_ms > limit_ms:
            raise ValidationError(
                {
                    "timeout_ms": _(
                        "A deadline of %(asked)s ms cannot be kept: "
                        "CASE_TIMEOUT_S allows %(limit)s ms."
                    )
                    % {"asked": self.timeout_ms, "limit": limit_ms}
                }
            )
        self._check_retries()

    def _check_retries(self) -> None:
        """A worker must be able to make all tries before it has to let go."""
        needed_ms = retry.longest_ms(self.retries, self.deadline_ms, self.retry_pause_ms)
        limit_ms = settings.RETRY_ROOM_S * 1000
        if needed_ms > limit_ms:
            raise ValidationError(
                {
                    "retries": _(
                        "%(retries)s retries, each after a try of %(deadline)s ms and a "
                        "pause of %(pause)s ms, need %(needed)s ms: RETRY_ROOM_S allows "
                        "%(limit)s ms."
                    )
                    % {
                        "retries": self.retries,
                        "deadline": self.deadline_ms,
                        "pause": self.retry_pause_ms,
                        "needed": needed_ms,
                        "limit": limit_ms,
                    }
                }
            )


class Step(models.Model):
    """One HTTP exchange of a case. The columns hold what `StepSpec` is made of."""

    class Body(models.TextChoices):
        NONE = "none", _("none")
        JSON = "json", "JSON"
        FORM = "form", _("form")
        MULTIPART = "multipart", _("multipart form")
        RAW = "raw", _("raw")
        BINARY = "binary", _("binary")
        ATTACHMENT = "attachment", _("attachment")
        GRAPHQL = "graphql", "GraphQL"

    case = models.ForeignKey(
        Case, verbose_name=_("case"), on_delete=models.CASCADE, related_name="steps"
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    name = models.CharField(_("name"), max_length=200, blank=True)
    method = models.CharField(_("method"), max_length=40, default="GET")
    url = models.CharField(
        _("URL"), max_length=2000, help_text=_("/orders/{{order_id}} or a full URL")
    )
    # Pairs: [[name, value], ...]
    path_params = models.JSONField(_("path variables"), default=list, blank=True)
    params = models.JSONField(_("parameters"), default=list, blank=True)
    headers = models.JSONField(_("headers"), default=list, blank=True)
    cookies = models.JSONField(_("cookies"), default=list, blank=True)
    # {"kind", "values": [[name, value], ...]}; empty: inherited
    auth = models.JSONField(_("auth"), default=dict, blank=True)
    body_kind = models.CharField(
        _("body"), max_length=10, choices=Body.choices, default=Body.NONE
    )
    body_text = models.TextField(_("body text"), blank=True)
    body_fields = models.JSONField(_("form fields"), default=list, blank=True)
    # [{"name", "kind", "value", "filename", "content_type"}, ...]
    body_parts = models.JSONField(_("parts"), default=list, blank=True)
    body_variables = models.TextField(
        _("GraphQL variables"), blank=True, help_text=_("A JSON object.")
    )
    body_attachment = KeyField(_("attachment"), max_length=200, blank=True)
    body_content_type = models.CharField(_("content type"), max_length=200, blank=True)
    # What ExtractionSpec holds, each a mapping
    extractions = models.JSONField(_("extractions"), default=list, blank=True)
    # What AssertionSpec holds, each a mapping
    assertions = models.JSONField(_("assertions"), default=list, blank=True)
    inherit_headers = models.BooleanField(_("inherit default headers"), default=True)
    inherit_assertions = models.BooleanField(_("inherit default assertions"), default=True)
    follow_redirects = models.BooleanField(_("follow redirects"), default=True)
    max_redirects = models.PositiveSmallIntegerField(_("most redirects"), default=10)
    timeout_ms = models.PositiveIntegerField(
        _("deadline (ms)"), null=True, blank=True, validators=[MinValueValidator(1)]
    )

    first_byte_ms = models.PositiveIntegerField(
        _("first byte within (ms)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How long an answer may take to begin."),
    )
    delay_ms = models.PositiveIntegerField(
        _("delay (ms)"), default=0, help_text=_("Before the request is sent.")
    )
    poll_for_ms = models.PositiveIntegerField(
        _("poll for (ms)"),
        default=0,
        help_text=_("The step is repeated until it passes, at most this long; 0: asked once."),
    )
    poll_every_ms = models.PositiveIntegerField(
        _("pause between polls (ms)"), default=1_000, validators=[MinValueValidator(1)]
    )
    resend_times = models.PositiveSmallIntegerField(
        _("send again"),
        default=0,
        validators=[MaxValueValidator(resend.MOST)],
        help_text=_("How often the same request is sent again when no answer came."),
    )
    resend_pause_ms = models.PositiveIntegerField(
        _("pause before sending again (ms)"), default=500, validators=[MinValueValidator(1)]
    )
    # Names of `cases.engine.resend.REASONS`
    resend_on = models.JSONField(_("send again after"), default=no_connection, blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name or f"{self.method} {self.url}"
