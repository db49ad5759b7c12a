"""Secrets at rest: Fernet with the keys of ENCRYPTION_KEYS, newest first."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UndecryptableSecret(Exception):
    """No key of ENCRYPTION_KEYS opens this secret."""


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Raises `UndecryptableSecret`."""
    try:
        return _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise UndecryptableSecret(
            "No key of ENCRYPTION_KEYS opens this secret: put the old key back behind "
            "the new one."
        ) from error


def fingerprint(ciphertext: str) -> str:
    """Tells two states of a secret apart without telling what it is."""
    return keyed_digest(ciphertext)[:16]


def keyed_digest(text: str) -> str:
    """The same for the same text, and nobody without SECRET_KEY can try out which it is."""
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
