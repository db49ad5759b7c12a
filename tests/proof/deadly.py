"""A function that kills its worker; loaded through FUNCTION_MODULES."""

from __future__ import annotations

import os
import signal


def die() -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


__all__ = ["die"]
