"""What is packed comes back, whichever of the two ways it was packed."""

from __future__ import annotations

import random
import zlib

import pytest

from runs.packing import WINDOW, pack, unpack

NOISE = random.Random(8).randbytes(100_000)
TEXT = b'{"source":"json","path":"$.id","outcome":"passed"},' * 6_000


@pytest.mark.parametrize("data", [NOISE, TEXT, bytes(300_000)], ids=["noise", "text", "zeros"])
@pytest.mark.parametrize(
    "length", [0, 1, 1_600, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW, 32 * 1024, 100_000]
)
def test_what_is_packed_comes_back(data: bytes, length: int) -> None:
    packed = pack(data[:length])
    assert unpack(packed) == data[:length]
    assert zlib.decompress(packed) == data[:length]  # a reader that knows nothing of us


def test_what_was_packed_before_is_still_read() -> None:
    assert unpack(zlib.compress(TEXT, 1)) == TEXT


@pytest.mark.parametrize("length", [1_600, WINDOW, WINDOW + 1, 100_000])
def test_little_memory_takes_no_more_room(length: int) -> None:
    assert len(pack(TEXT[:length])) <= len(zlib.compress(TEXT[:length], 1)) + 16


def test_a_short_record_needs_a_small_window() -> None:
    assert _window(pack(TEXT[:WINDOW])) == WINDOW
    assert _window(pack(TEXT[: WINDOW + 1])) == 32 * 1024


def _window(packed: bytes) -> int:
    """As the first byte of a zlib stream declares it."""
    return 1 << ((packed[0] >> 4) + 8)
