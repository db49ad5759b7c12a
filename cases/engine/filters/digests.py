"""Filters that sum up a text or bytes in a few digits."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from cases.engine.filters.arguments import Filter, bytes_of


def _md5(value: Any) -> str:
    """The MD5 digest in hexadecimal."""
    return hashlib.md5(bytes_of(value), usedforsecurity=False).hexdigest()


def _sha1(value: Any) -> str:
    """The SHA-1 digest in hexadecimal."""
    return hashlib.sha1(bytes_of(value), usedforsecurity=False).hexdigest()


def _sha256(value: Any) -> str:
    """The SHA-256 digest in hexadecimal."""
    return hashlib.sha256(bytes_of(value)).hexdigest()


def _sha512(value: Any) -> str:
    """The SHA-512 digest in hexadecimal."""
    return hashlib.sha512(bytes_of(value)).hexdigest()


def _hmac_sha1(value: Any, key: Any) -> str:
    """The HMAC-SHA-1 of a text under a key, in hexadecimal."""
    return hmac.digest(bytes_of(key), bytes_of(value), "sha1").hex()


def _hmac_sha256(value: Any, key: Any) -> str:
    """The HMAC-SHA-256 of a text under a key, in hexadecimal."""
    return hmac.digest(bytes_of(key), bytes_of(value), "sha256").hex()


def _hmac_sha512(value: Any, key: Any) -> str:
    """The HMAC-SHA-512 of a text under a key, in hexadecimal."""
    return hmac.digest(bytes_of(key), bytes_of(value), "sha512").hex()


DIGESTS: dict[str, Filter] = {
    "md5": _md5,
    "sha1": _sha1,
    "sha256": _sha256,
    "sha512": _sha512,
    "hmac_sha1": _hmac_sha1,
    "hmac_sha256": _hmac_sha256,
    "hmac_sha512": _hmac_sha512,
}
