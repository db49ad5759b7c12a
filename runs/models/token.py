from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PREFIX = "th_"
DAYS = 90


def _in_90_days() -> object:
    return timezone.now() + timedelta(days=DAYS)


class ApiToken(models.Model):
    """Lets a program act as a user. Only a digest is kept: the token is shown once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="api_tokens",
    )
    name = models.CharField(
        _("name"), max_length=100, help_text=_("Where it is used, for example “CI”.")
    )
    # The first characters, so that people can tell their tokens apart.
    hint = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), default=_in_90_days)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    def issue(self) -> str:
        """Give this unsaved row a fresh token and return it: the only time it is seen."""
        token = PREFIX + secrets.token_urlsafe(32)
        self.hint = token[:8]
        self.digest = digest_of(token)
        return token

    @classmethod
    def find(cls, token: str) -> ApiToken | None:
        """The row of a token that is good now: known, not expired, its user active."""
        found = (
            cls.objects.select_related("user")
            .filter(digest=digest_of(token), expires_at__gt=timezone.now())
            .filter(user__is_active=True)
            .first()
        )
        if found:
            found.touch()
        return found

    def touch(self) -> None:
        """Note the use, at most once a minute: reading must not become writing."""
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at > timedelta(minutes=1):
            self.last_used_at = now
            self.save(update_fields=["last_used_at"])


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
