"""Which process fetches an access token of a run, and the row where the others find it.

For main threads only. Conditional updates by the database's clock: a claim that nobody
renews ends by itself, so a worker that dies while it fetches holds nobody up for longer.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from cases import encryption
from cases.engine.auth.tokens import Token, Tokens
from runs.execution.desk import Turn
from runs.execution.persist import persistently
from runs.models import SharedValue

logger = logging.getLogger(__name__)

T = TypeVar("T")
CLAIM_S = 5.0
RENEW_S = CLAIM_S / 5
# A token that lasts longer than this lasts as long as any run.
LONGEST_S = 365 * 86_400


class RunLedger:
    """`desk.Ledger` of one run, in the database."""

    def __init__(self, run_id: int) -> None:
        self._run_id = run_id
        self._rows = SharedValue.objects.filter(run_id=run_id)
        self._held: set[str] = set()
        self._renew_at = 0.0

    def take(self, key: str, refused: str, claim: str) -> Token | Turn:
        digest = encryption.keyed_digest(key)
        found = _persistently(lambda: self._take(digest, refused, claim))
        if found is Turn.OURS:
            self._held.add(claim)
            self._renew_at = time.monotonic() + RENEW_S
        return found

    def keep(self, claim: str, token: Token) -> None:
        self._held.discard(claim)
        plain = json.dumps({"value": token.value, "scheme": token.scheme})
        ciphertext = encryption.encrypt(plain)
        _persistently(
            lambda: self._rows.filter(claim=claim).update(
                ciphertext=ciphertext,
                expires_at=_moment(token.ends - time.monotonic()),
                serial=F("serial") + 1,
                claim="",
                claim_until=None,
            )
        )

    def drop(self, claim: str) -> None:
        if claim in self._held:
            self._held.discard(claim)
            _persistently(
                lambda: self._rows.filter(claim=claim).update(claim="", claim_until=None)
            )

    def renew(self) -> None:
        if self._held and time.monotonic() >= self._renew_at:
            held = list(self._held)
            _persistently(
                lambda: self._rows.filter(claim__in=held).update(claim_until=_moment(CLAIM_S))
            )
            self._renew_at = time.monotonic() + RENEW_S

    def _take(self, digest: str, refused: str, claim: str) -> Token | Turn:
        row = self._rows.filter(key=digest).annotate(now=Now()).first()
        if row is None:
            return self._begin(digest, claim)
        token = _token(row, row.now)
        if token is not None and token.value != refused:
            return token
        # Its own claim: of a try whose answer got lost.
        free = Q(claim_until=None) | Q(claim_until__lt=Now()) | Q(claim=claim)
        as_seen = self._rows.filter(free, key=digest, serial=row.serial)
        won = as_seen.update(claim=claim, claim_until=_moment(CLAIM_S)) == 1
        return Turn.OURS if won else Turn.THEIRS

    def _begin(self, digest: str, claim: str) -> Turn:
        until = _moment(CLAIM_S)
        try:
            with transaction.atomic():
                SharedValue.objects.create(
                    run_id=self._run_id, key=digest, claim=claim, claim_until=until
                )
        except IntegrityError:  # another process was faster
            return Turn.THEIRS
        return Turn.OURS


@lru_cache(maxsize=8)
def remembered_tokens(_run_id: int, _created_at: datetime) -> Tokens:
    """The access tokens of one run in this process's memory, from chunk to chunk."""
    return Tokens()


def _token(row: SharedValue, now: datetime) -> Token | None:
    """What stands there, if it lasts."""
    left_s = math.inf if row.expires_at is None else (row.expires_at - now).total_seconds()
    if not row.ciphertext or left_s <= 0:
        return None
    try:
        plain = json.loads(encryption.decrypt(row.ciphertext))
    except encryption.UndecryptableSecret as error:
        logger.warning("A shared access token cannot be read: %s", error)
        return None  # a new one is fetched
    return Token(plain["value"], plain["scheme"], time.monotonic() + left_s)


def _moment(in_s: float) -> models.expressions.CombinedExpression | None:
    """By the database's clock; None when it never comes."""
    return Now() + timedelta(seconds=in_s) if in_s < LONGEST_S else None


def _persistently(operation: Callable[[], T]) -> T:
    return persistently(operation, until=time.monotonic() + settings.LEASE_S)
