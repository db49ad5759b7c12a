"""nginx on this machine as the system under test: one small JSON document, kept alive."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# About 300 bytes, as a small API answers.
DOCUMENT = (
    '{"id": 4711, "name": "Assam tea", "price": 3.25, "currency": "EUR", "stock": 42, '
    '"tags": ["tea", "black", "loose"], "supplier": {"id": 7, "name": "Lower Assam", '
    '"city": "Guwahati"}, "updated_at": "2026-11-23T10:00:00Z", "links": {"self": '
    '"/products/4711", "orders": "/products/4711/orders"}}\n'
)
CONFIGURATION = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 10000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        default_type application/json;
        root {folder}/www;
    }}
}}
"""


class NoTarget(Exception):
    """The system under test could not be started; the text says why."""


@contextmanager
def nginx() -> Iterator[str]:
    """Serves `DOCUMENT` at `/product.json`; gives the base URL. Raises `NoTarget`."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        raise NoTarget("nginx: not found (Debian: apt install nginx-light)")
    with tempfile.TemporaryDirectory(prefix="testhub-bench-") as name:
        folder, port = Path(name), _free_port()
        folder.chmod(0o755)  # as root, nginx's worker is somebody else
        (folder / "www").mkdir()
        (folder / "www" / "product.json").write_text(DOCUMENT)
        configuration = folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder, port=port))
        process = subprocess.Popen([program, "-c", str(configuration), "-p", name])
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_for(port: int) -> None:
    for _try in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise NoTarget(f"nginx did not answer on port {port} within 5 s")
