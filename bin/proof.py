"""`make proof`: the long form of the proofs, at full size; ends with a table of the figures.

Run by the Python of .venv, on a machine with nothing else to do: about 15 minutes.
"""

from __future__ import annotations

import subprocess
import sys

from bin import setup, test


def main() -> int:
    """0 when every proof holds. What cannot be had here is skipped, and the table says so."""
    test.install_programs()
    return subprocess.run(
        # No short summary: the table says it.
        [sys.executable, "-m", "pytest", "-v", "-rN", "-m", "proof", "tests/proof"],
        cwd=setup.TOP,
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
