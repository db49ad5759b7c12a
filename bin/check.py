"""`make check`: what can be known without running a test; no server is needed."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

from bin import setup

CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("lint-imports", "--no-cache"),
    ("mypy",),
    ("python", "manage.py", "check", "--fail-level", "WARNING"),
    ("python", "manage.py", "makemigrations", "--check", "--dry-run"),
)
# The checks load the settings; what a developer has in .env is not for them.
ENVIRONMENT = {
    "ENV_FILE": os.devnull,
    "DEBUG": "0",
    "SECRET_KEY": secrets.token_hex(32),
    "ENCRYPTION_KEYS": "dGVzdGh1Yi10ZXN0LWtleS0zMi1ieXRlcy1sb25nISE=",
    "DATABASE_URL": "sqlite:///var/check.sqlite3",
}


def main() -> int:
    """Run all checks, also after one has failed; returns how many did."""
    failed = []
    for program, *arguments in CHECKS:
        ended = subprocess.run(
            [str(Path(setup.VENV, "bin", program)), *arguments],
            cwd=setup.TOP,
            env={**os.environ, **ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        name = " ".join([program, *arguments])
        print(f"{'FAILED' if ended.returncode else 'ok':7}{name}", flush=True)
        if ended.returncode:
            failed.append(name)
            print(ended.stdout, flush=True)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
