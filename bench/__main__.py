"""`python -m bench throughput [--cases N] [--database URL] [--json]`"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench import throughput
from bench.house import NotOurs
from bench.target import NoTarget


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("what", choices=["throughput"])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--database", default="", help="mysql://user:password@host:port/")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="testhub-bench-") as folder:
        try:
            figures = throughput.measure(arguments.cases, arguments.database, Path(folder))
        except (NoTarget, NotOurs) as error:
            sys.stderr.write(f"{error}\n")
            return 2
    if arguments.json:
        print(json.dumps(figures))
        return 0
    for name, value in figures.items():
        print(f"{name:20} {'not found' if value is None else value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
