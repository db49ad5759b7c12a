"""Debian packages, where this user may install them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")


def install(*packages: str) -> str:
    """Install without recommends and without starting a service.

    Returns why that did not work, in a few words; empty when the packages are there.
    """
    if shutil.which("apt-get") is None:
        return "there is no apt-get here"
    if os.geteuid() != 0:
        return f"only root may apt-get install {' '.join(packages)}"
    with _nothing_starts():
        for arguments in (
            ["update"],
            ["install", "--no-install-recommends", *packages],
        ):
            ended = subprocess.run(
                ["apt-get", "-qq", "-y", "-o", "DPkg::Lock::Timeout=120", *arguments],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                check=False,
            )
    if ended.returncode:
        said = ended.stdout.strip().splitlines()[-1:] or ["no reason given"]
        return f"apt-get install {' '.join(packages)} failed: {said[0]}"
    return ""


@contextmanager
def _nothing_starts() -> Iterator[None]:
    """A policy that lets no package start a service; one that is there stays."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
