from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person who writes or runs cases.

    `is_active` is the status and `date_joined` the time of creation; the tokens and
    schedules of a user who is not active stop.
    """

    display_name = models.CharField(_("display name"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    remark = models.TextField(_("remark"), blank=True)

    def __str__(self) -> str:
        return self.display_name or self.username
