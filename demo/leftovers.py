"""Which processes that we started, or that they started, are still there (Linux)."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_NAME = "TESTHUB_DEMO_MARK"


def mark() -> str:
    """Mark every process that is started from now on: children inherit the environment."""
    text = f"{_NAME}={secrets.token_hex(8)}"
    os.environ[_NAME] = text.partition("=")[2]
    return text


def marked(text: str) -> dict[int, str]:
    """Pid and command line of every living process that carries the mark."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # ended meanwhile, or somebody else's
            continue
        if text.encode() in environment:
            found[int(folder.name)] = command.strip()
    return found
