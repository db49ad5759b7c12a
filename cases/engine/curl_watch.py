"""An exchange that is given up when no byte of an answer came in time.

libcurl has no such deadline: while it waits, somebody else must look at the clock. That
costs a connection of its own, so it is done only for steps that ask for it.
"""

from __future__ import annotations

import time

import pycurl

from cases.engine.receiver import Receiver

_LONGEST_SLEEP_S = 1.0


class NoFirstByte(Exception):
    """Nothing of an answer came within the deadline."""


def perform(handle: pycurl.Curl, receiver: Receiver, first_byte_ms: int) -> None:
    """As `handle.perform()`. Raises pycurl.error and NoFirstByte."""
    ends = time.monotonic() + first_byte_ms / 1000
    multi = pycurl.CurlMulti()
    multi.add_handle(handle)
    try:
        while multi.perform()[1]:
            left_s = _LONGEST_SLEEP_S if receiver.lines else ends - time.monotonic()
            if left_s <= 0:
                raise NoFirstByte
            multi.select(min(left_s, _LONGEST_SLEEP_S))
        for _handle, code, text in multi.info_read()[2]:
            raise pycurl.error(code, text)
    finally:
        multi.remove_handle(handle)
        multi.close()
