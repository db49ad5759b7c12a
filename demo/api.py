"""The demo API as a process: `python -m demo.api --port 8001`.

It prints its address as the first line; `--port 0` takes a free port. With
`--die-with-parent` (Linux) it ends when the process that started it does, however that
one ended.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys

from demo.server import Server

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.api", description=__doc__)
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--die-with-parent", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if options.die_with_parent:
        _die_with_parent()
    try:
        server = Server(options.port)
    except (OSError, OverflowError) as error:
        sys.exit(f"The demo API cannot listen on port {options.port}: {error}")
    with server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.exit(0)


def _die_with_parent() -> None:
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died while we asked
        sys.exit(0)


if __name__ == "__main__":
    main()
