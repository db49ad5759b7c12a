"""`python -m bench throughput|latency [--cases N] [--tries N] [--database URL] [--json]`"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench import latency, throughput
from bench.house import NotOurs
from bench.ratios import ratios
from bench.target import NoTarget


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("what", choices=["throughput", "latency"])
    parser.add_argument("--cases", type=int, default=10_000, help="of throughput")
    parser.add_argument("--tries", type=int, default=20, help="of latency")
    parser.add_argument("--database", default="", help="mysql://user:password@host:port/")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="testhub-bench-") as folder:
        try:
            if arguments.what == "latency":
                figures = latency.measure(arguments.tries, arguments.database, Path(folder))
            else:
                figures = throughput.measure(arguments.cases, arguments.database, Path(folder))
        except (NoTarget, NotOurs) as error:
            sys.stderr.write(f"{error}\n")
            return 2
    if arguments.json:
        print(json.dumps(figures))
        return 0
    for name, value in figures.items():
        # A tool's figure has the tool's name: hurl_per_s.
        shown = f"{name.partition('_')[0]}: not found" if value is None else value
        print(f"{name:26} {shown}")
    for line in ratios(figures):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
