"""What a new installation needs before its processes start; again after each update.

Run beside manage.py: keys in var/.env unless they are set, tables, an administrator.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP))

KEYS = ("SECRET_KEY", "ENCRYPTION_KEYS")


def main() -> int:
    from testhub import env_file

    if not any(os.environ.get(name) or os.environ.get(f"{name}_FILE") for name in KEYS):
        env_file.write_keys(TOP / "var" / ".env")
    for command in (["migrate", "--no-input"], ["create_admin"]):
        ended = subprocess.run([sys.executable, "manage.py", *command], cwd=TOP, check=False)
        if ended.returncode:
            return ended.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
