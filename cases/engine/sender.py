"""Hands a long body to libcurl, as much as it asks for at a time."""

from __future__ import annotations

import os

import pycurl

from cases.engine.long_body import LongBody

_NOTHING = LongBody(())


class Sender:
    """Belongs to one handle, and holds a body only while it is sent."""

    __slots__ = ("_at", "_body")

    def __init__(self) -> None:
        self.forget()

    def begin(self, body: LongBody) -> None:
        self._body, self._at = body, 0

    def forget(self) -> None:
        """Let go of what was sent: it may be large."""
        self.begin(_NOTHING)

    def read(self, n_bytes: int) -> bytes:
        data = self._body[self._at : self._at + n_bytes]
        self._at += len(data)
        return data

    def seek(self, offset: int, origin: int) -> int:
        """Asked when a kept connection had ended: all is sent again on a new one."""
        if origin != os.SEEK_SET:
            return int(pycurl.SEEKFUNC_CANTSEEK)
        self._at = offset
        return int(pycurl.SEEKFUNC_OK)
