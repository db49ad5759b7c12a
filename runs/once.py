"""`Idempotency-Key`: a call that is made again answers the run that the first one made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from cases.models import User
from runs.execution.selection import Selection
from runs.models import Run

KEPT = timedelta(hours=24)


class KeyInUse(Exception):
    """The key was used for something else; the text is one sentence for the caller."""


def key_of(user: User, text: str) -> str | None:
    """What is stored of a key: users cannot meet each other's. None without a key."""
    return hashlib.sha256(f"{user.pk}:{text}".encode()).hexdigest() if text else None


def once(key: str | None, selection: Selection, start: Callable[[], Run]) -> Run:
    """The run that this key made within 24 hours, else the one that `start` makes with it.

    Raises `KeyInUse`, and what `start` raises.
    """
    if key is None:
        return start()
    older = Run.objects.filter(idempotency_key=key, created_at__lt=Now() - KEPT)
    older.update(idempotency_key=None)
    try:
        return _earlier(key, selection) or start()
    except IntegrityError:  # the same call came twice at once, and the other was first
        run = _earlier(key, selection)
        if run is None:
            raise
        return run


def _earlier(key: str, selection: Selection) -> Run | None:
    run = Run.objects.filter(idempotency_key=key).first()
    if run and run.selection != json.loads(json.dumps(selection.to_dict())):
        raise KeyInUse(_("This Idempotency-Key was used for “%s” already.") % run.title)
    return run
