from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases import encryption
from cases.engine.plain_data import pairs
from cases.engine.spec import EnvironmentSpec
from cases.models.fields import KeyField


class Environment(models.Model):
    """One target system: where its API stands and how to reach it."""

    name = KeyField(_("name"), max_length=120, unique=True)
    base_url = models.CharField(
        _("base URL"),
        max_length=500,
        help_text=_("For example https://api.example.com/v1"),
    )
    headers = models.JSONField(
        _("default headers"),
        default=list,
        blank=True,
        help_text=_("Sent with every request; a step's header of the same name wins."),
    )
    verify_tls = models.BooleanField(_("verify TLS certificates"), default=True)
    ca_certificate = models.TextField(
        _("own certificate authority"), blank=True, help_text=_("PEM text")
    )
    client_certificate = models.TextField(
        _("client certificate"),
        blank=True,
        help_text=_("PEM text, with those between it and its authority."),
    )
    client_key = models.CharField(
        _("client key"),
        max_length=300,
        blank=True,
        help_text=_("A {{secret}} of this environment that holds the key as PEM text."),
    )
    http2 = models.BooleanField(
        "HTTP/2", default=False, help_text=_("For https, where the target speaks it.")
    )
    proxy = models.CharField(
        _("proxy"), max_length=300, blank=True, help_text=_("http://host:port")
    )
    connect_timeout_ms = models.PositiveIntegerField(_("connect deadline (ms)"), default=10_000)

    class Meta:
        verbose_name = _("environment")
        verbose_name_plural = _("environments")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def to_spec(self) -> EnvironmentSpec:
        from django.conf import settings

        return EnvironmentSpec(
            name=self.name,
            base_url=self.base_url,
            headers=pairs(self.headers),
            verify_tls=self.verify_tls,
            ca_certificate=self.ca_certificate,
            client_certificate=self.client_certificate,
            client_key=self.client_key,
            http2=self.http2,
            proxy=self.proxy,
            connect_timeout_ms=self.connect_timeout_ms,
            response_limit=settings.RESPONSE_LIMIT_MB * 1024 * 1024,
        )


class Variable(models.Model):
    """A named value of one environment, of one module, or of everything.

    A secret's value is encrypted at rest, leaves the database only in a worker's
    memory, and is never shown again: forms can replace it, not read it.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        # A number, true, false, null, a list or an object, written as JSON.
        JSON = "json", _("JSON")

    environment = models.ForeignKey(
        Environment,
        verbose_name=_("environment"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="variables",
    )
    module = models.ForeignKey(
        "cases.Module",
        verbose_name=_("module"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="variables",
    )
    # "global", "environment:3" or "module:5": one unique index for the three.
    scope = models.CharField(max_length=40, default="global", editable=False)
    name = KeyField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind.choices, default=Kind.TEXT)
    value = models.TextField(_("value"), blank=True)
    is_secret = models.BooleanField(_("secret"), default=False)
    ciphertext = models.TextField(blank=True, editable=False)

    class Meta:
        verbose_name = _("variable")
        verbose_name_plural = _("variables")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "name"],
                name="variable_unique_name",
                violation_error_message=_("There is a variable of that name here already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A secret's `value` moves into the ciphertext; an empty one keeps the old secret."""
        self.scope = self.scope_key()
        if self.is_secret and self.value:
            self.ciphertext, self.value = encryption.encrypt(self.value), ""
        elif not self.is_secret:
            self.ciphertext = ""
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        self.name = self.name.strip()
        self.scope = self.scope_key()
        if self.environment_id and self.module_id:
            raise ValidationError(_("A variable belongs to an environment or to a module."))
        if self.is_secret and not self.value and not self.ciphertext:
            raise ValidationError({"value": _("A secret needs a value.")})
        if self.kind == self.Kind.JSON and self.value:
            try:
                json.loads(self.value)
            except ValueError as error:
                raise ValidationError({"value": _("This is not JSON: %s") % error}) from error

    def scope_key(self) -> str:
        if self.environment_id:
            return f"environment:{self.environment_id}"
        if self.module_id:
            return f"module:{self.module_id}"
        return "global"

    def reveal(self) -> Any:
        """The value with its type. For a worker's memory only: never log, store or show it.

        Raises `encryption.UndecryptableSecret` when no key of ENCRYPTION_KEYS fits.
        """
        text = encryption.decrypt(self.ciphertext) if self.is_secret else self.value
        return json.loads(text) if self.kind == self.Kind.JSON else text
