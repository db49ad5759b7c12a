"""`make demo`: set up, then the demo, with the seconds of both."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from bin import setup
from testhub import env_file

# A demo needs no server, whatever somebody has in .env for production.
ENVIRONMENT = {"DATABASE_URL": "sqlite:///var/testhub.sqlite3", "BROKER_URL": ""}


def main() -> int:
    began = time.monotonic()
    if failed := setup.main(["--demo"]):
        return failed
    env_file.write_keys(setup.TOP / "var" / ".env")
    ready = time.monotonic()
    demo = subprocess.run(
        [str(setup.PYTHON), "manage.py", "demo"],
        cwd=setup.TOP,
        env={**os.environ, **ENVIRONMENT},
        check=False,
    )
    ended = time.monotonic()
    print(
        f"make demo: {ended - began:.1f} s in all:"
        f" {ready - began:.1f} s set-up, {ended - ready:.1f} s testhub"
    )
    return demo.returncode


if __name__ == "__main__":
    sys.exit(main())
