"""`make up`: the console, workers and the demo API until Ctrl-C.

Run by the Python of .venv. `make up PORT=8080 DEMO_PORT=8081` takes other ports.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from honcho.manager import Manager

from bin import setup
from testhub import env_file

BIN = Path(sys.executable).parent


def main() -> int:
    ports = {}
    for name, default in (("PORT", "8000"), ("DEMO_PORT", "8001")):
        ports[name] = os.environ.get(name) or default
        if reason := cannot_listen(ports[name]):
            print(f"{name}={ports[name]}: {reason}; choose another: make up {name}=...")
            return 2
    demo_url = f"http://127.0.0.1:{ports['DEMO_PORT']}"
    env_file.write_keys(setup.TOP / "var" / ".env")
    prepared = subprocess.run(
        [sys.executable, "manage.py", "prepare_console", "--demo-url", demo_url],
        cwd=setup.TOP,
        check=False,
    )
    if prepared.returncode:
        return prepared.returncode
    print(f"The console is at http://127.0.0.1:{ports['PORT']}/ until Ctrl-C")
    return run(
        {
            "web": f"{BIN}/gunicorn testhub.wsgi --bind 127.0.0.1:{ports['PORT']}"
            " --worker-class gthread --threads 8 --no-control-socket",
            "workers": f"{sys.executable} manage.py run_workers",
            "demo": f"{sys.executable} -m demo.api --port {ports['DEMO_PORT']}",
        }
    )


def run(commands: dict[str, str]) -> int:
    """Run these side by side; when one ends, or on Ctrl-C, all do."""
    manager = Manager()
    for name, command in commands.items():
        manager.add_process(name, f"exec {command}", cwd=str(setup.TOP))
    manager.loop()
    asked_to_end = {130, 143}  # how honcho reports Ctrl-C and SIGTERM
    return 0 if manager.returncode in asked_to_end else int(manager.returncode)


def cannot_listen(port: str) -> str:
    """Why nothing can listen there; empty when it can."""
    if not port.isdigit() or not 0 < int(port) < 65536:
        return "use a number from 1 to 65535"
    try:
        socket.create_server(("127.0.0.1", int(port))).close()
    except OSError as reason:
        return os.strerror(reason.errno or 0).lower()
    return ""


if __name__ == "__main__":
    sys.exit(main())
