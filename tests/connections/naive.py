"""What a normal developer would write: a ThreadPoolExecutor with the ORM in its threads.

`python -m tests.connections.naive MESS [--close] [--cases N] [--threads N]` runs the mess
as the first case and then N good ones, and prints what each of these found as JSON. With
`--close` every case is wrapped in `close_old_connections()`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import django

sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("mess")
    parser.add_argument("--close", action="store_true")
    parser.add_argument("--cases", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    django.setup()
    from tests.connections import functions

    special = {"crowd": crowd, "share": share, "fork": fork}
    if arguments.mess in special:
        found = special[arguments.mess](arguments)
    else:
        mess = getattr(functions, arguments.mess)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(case, mess, arguments.close).result()
            jobs = [functions.session_state] * arguments.cases
            found = list(pool.map(lambda job: case(job, arguments.close), jobs))
    print(json.dumps(found))  # noqa: T201
    sys.stdout.flush()
    os._exit(0)  # whatever the broken connections would do at exit


def case(job: Callable[[], str], close: bool) -> str:
    """One case: what it found, or the error that a tester would have seen."""
    from django.db import close_old_connections

    if close:
        close_old_connections()
    try:
        return job()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        if close:
            close_old_connections()


def crowd(arguments: argparse.Namespace) -> list[str]:
    """Every thread opens a connection of its own, all at the same time."""
    from tests.connections.functions import session_state

    together = threading.Barrier(arguments.threads)

    def job() -> str:
        try:
            return session_state()
        finally:
            together.wait(20)

    with ThreadPoolExecutor(arguments.threads) as pool:
        jobs = [pool.submit(case, job, arguments.close) for _n in range(arguments.threads)]
        return [job.result() for job in jobs]


def share(arguments: argparse.Namespace) -> list[str]:
    """One raw connection for all threads, as a home-made pool hands them out."""
    from django.db import connection

    connection.ensure_connection()
    raw = connection.connection

    def job() -> str:
        for number in range(200):
            cursor = raw.cursor()
            cursor.execute(f"SELECT {number}, REPEAT('x', 2000)")
            answer = cursor.fetchone()[0]
            if answer != number:
                return f"asked for {number}, got the answer of another thread: {answer}"
        return "clean"

    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(case, job, arguments.close) for _n in range(8)]
        return [job.result() for job in jobs]


def fork(arguments: argparse.Namespace) -> list[str]:
    """A worker process that inherited its parent's open connection."""
    from tests.connections.functions import session_state

    case(session_state, arguments.close)
    child = os.fork()
    if child == 0:
        # An ordinary end of the child says goodbye to the server on the parent's socket.
        from django.db import connections

        case(session_state, arguments.close)
        connections["default"].close()
        os._exit(0)
    os.waitpid(child, 0)
    return [case(session_state, arguments.close)]


if __name__ == "__main__":
    main()
