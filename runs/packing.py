"""Bytes that are kept, compressed: a stream of zlib, which any reader of zlib unpacks."""

from __future__ import annotations

import zlib

# Nearly all records are shorter than this.
WINDOW = 8 * 1024

_LEVEL = 1
_WINDOW_BITS = WINDOW.bit_length() - 1
# Of zlib's 1 to 9. With 8, its default, it clears 268 KB before it reads the first byte:
# four times the work on a record of 1.6 KB, and what Python was about to use leaves the caches.
_LITTLE_MEMORY = 5


def pack(data: bytes) -> bytes:
    """The data compressed, quickly rather than well."""
    if len(data) > WINDOW:  # the small state would cost time, and matches beyond its window
        return zlib.compress(data, _LEVEL)
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _LITTLE_MEMORY)
    return packer.compress(data) + packer.flush()


def unpack(data: bytes | memoryview) -> bytes:
    """What `pack` was given. Raises zlib.error for what it did not make."""
    return zlib.decompress(data)
