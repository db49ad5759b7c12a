from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from cases.models import User

NAME = "admin"


class Command(BaseCommand):
    help = _("Creates the first administrator and shows the password, once.")

    def handle(self, **options: Any) -> None:
        """Does nothing where somebody can administer the console already."""
        if User.objects.filter(is_superuser=True, is_active=True).exists():
            return
        if User.objects.filter(username=NAME).exists():
            self.stderr.write(_("Nobody is an administrator and the name %s is taken.") % NAME)
            return
        password = secrets.token_urlsafe(12)
        User.objects.create_superuser(NAME, password=password)
        self.stdout.write(
            _("Sign in as %(name)s with the password %(password)s (shown only now).")
            % {"name": NAME, "password": password}
        )
