from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases import encryption
from cases.engine.urls import parse
from cases.models.fields import KeyField
from runs.choices import ChannelKind, Tell
from runs.querysets import ChannelQuerySet


class Channel(models.Model):
    """Where a notification goes, and about what.

    Its URL holds secrets, so it is encrypted at rest: forms can replace it, not read it.
    """

    name = KeyField(_("name"), max_length=120, unique=True)
    kind = models.CharField(
        _("kind"), max_length=10, choices=ChannelKind.choices, default=ChannelKind.EMAIL
    )
    tell = models.CharField(
        _("when"), max_length=10, choices=Tell.choices, default=Tell.NOT_GREEN
    )
    # Its own field: a channel whose only plan was deleted must not hear of all.
    all_plans = models.BooleanField(_("all plans"), default=True)
    plans = models.ManyToManyField(
        "runs.Plan", verbose_name=_("plans"), blank=True, related_name="channels"
    )
    is_active = models.BooleanField(_("active"), default=True)
    # One address a line.
    recipients = models.TextField(_("recipients"), blank=True)
    url_ciphertext = models.TextField(blank=True, editable=False)
    key_ciphertext = models.TextField(blank=True, editable=False)
    # What of the URL may be seen: "https://hooks.example.com/…".
    hint = models.CharField(_("URL"), max_length=200, blank=True, editable=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def addresses(self) -> list[str]:
        """The recipients of e-mails."""
        return self.recipients.split()

    def keep_url(self, url: str) -> None:
        """Of a webhook: one that `cases.engine.urls.parse` takes."""
        self.url_ciphertext = encryption.encrypt(url)
        scheme = url.partition("://")[0]
        # Of a service's URL the host may be the secret.
        shown = f"{parse(url).authority}/" if self.kind == ChannelKind.WEBHOOK else ""
        self.hint = f"{scheme}://{shown}…"[:200]

    def keep_signing_key(self, key: str) -> None:
        self.key_ciphertext = encryption.encrypt(key) if key else ""

    def reveal_url(self) -> str:
        """For a sender's memory only: never log, store or show it.

        Raises `encryption.UndecryptableSecret`.
        """
        return encryption.decrypt(self.url_ciphertext)

    def reveal_signing_key(self) -> str:
        """Likewise; empty without one."""
        return encryption.decrypt(self.key_ciphertext) if self.key_ciphertext else ""
