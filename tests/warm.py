"""A process that has Django loaded and forks for each command that a test gives it.

Loading Django takes longer than most commands do. A command still has a process of its own,
as fresh as its parent was when it had loaded: without a connection and with one thread.
"""

from __future__ import annotations

import atexit
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import traceback
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NoReturn

TOP = Path(__file__).resolve().parent.parent
_LENGTH = 8  # of what goes before each message


class Warm:
    """For commands in one environment. It ends when nobody holds it any more."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._socket, theirs = socket.socketpair()
        with theirs:
            # It gets the environment later: to whoever looks for the processes of an
            # installation by their environment, it is none.
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.warm", str(theirs.fileno())],
                cwd=TOP,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        weakref.finalize(self, _end, process, self._socket)
        _send(self._socket, self.environment)

    def run(self, command: Sequence[str], text: str, timeout_s: float) -> tuple[int, str]:
        """`["manage.py", ...]`, `["-m", "module", ...]`, or `["-"]` for the Python in `text`,
        as `python` takes them.

        Returns the exit code and all that was printed. Raises `TimeoutError`, and then the
        command has been killed.
        """
        with TemporaryFile() as printed:
            socket.send_fds(self._socket, [b"."], [printed.fileno()])
            _send(self._socket, [list(command), text])
            pid = _receive(self._socket)
            self._socket.settimeout(timeout_s)
            try:
                code = _receive(self._socket)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                self._socket.settimeout(None)
                _receive(self._socket)
                raise
            self._socket.settimeout(None)
            printed.seek(0)
            return code, printed.read().decode()


def _end(process: subprocess.Popen[bytes], connection: socket.socket) -> None:
    connection.close()
    process.wait()


def _send(connection: socket.socket, value: object) -> None:
    data = json.dumps(value).encode()
    connection.sendall(len(data).to_bytes(_LENGTH) + data)


def _receive(connection: socket.socket) -> Any:
    size = int.from_bytes(_read(connection, _LENGTH))
    return json.loads(_read(connection, size))


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def serve(connection: socket.socket) -> tuple[list[str], str]:
    """Forks for each command and returns it in the child. Raises `EOFError` in the parent
    when nobody asks any more."""
    os.environ.clear()
    os.environ.update(_receive(connection))
    import django

    django.setup()
    while True:
        _dot, printed, _flags, _address = socket.recv_fds(connection, 1, 1)
        if not printed:
            raise EOFError
        command, text = _receive(connection)
        pid = os.fork()
        if not pid:
            os.dup2(printed[0], 1)
            os.dup2(printed[0], 2)
        os.close(printed[0])
        if not pid:
            connection.close()
            return command, text
        _send(connection, pid)
        _pid, status = os.waitpid(pid, 0)
        _send(connection, os.waitstatus_to_exitcode(status))


def main() -> None:
    try:
        sys.argv, text = serve(socket.socket(fileno=int(sys.argv[1])))
    except EOFError:
        return
    code = 0
    try:
        if sys.argv == ["-"]:
            exec(compile(text, "<stdin>", "exec"), {"__name__": "__main__"})
        elif sys.argv[0] == "-m":
            del sys.argv[0]
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        code = _code(end)
    except Exception:
        traceback.print_exc()
        code = 1
    _leave(code)


def _code(end: SystemExit) -> int:
    """As Python understands it."""
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    sys.stderr.write(f"{end.code}\n")
    return 1


def _leave(code: int) -> NoReturn:
    """All that Python does at an exit but to take its modules apart, object by object: that
    takes ten times as long as most commands do."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
