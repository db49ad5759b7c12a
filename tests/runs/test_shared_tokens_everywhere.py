"""Two worker processes of twenty threads use one access token of a run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation, wait_until
from tests.runs.laid_out import lay_out, start_run, wait_for_end
from tests.runs.processes import busy
from tests.runs.test_shared_tokens import AUTH
from tests.token_server import TokenServer

pytestmark = [pytest.mark.cluster, pytest.mark.store]

N_CASES = 200
SETTINGS = {"THREADS": 20, "CHUNK_SIZE": 10, "CASE_TIMEOUT_S": 30}
LOG_IN = """
from cases import specs
module = Module.objects.get(name={module!r})
module.auth = {auth!r}
module.save()
answer = specs.refresh_below([module])
"""
# Every text and every record that the database keeps.
EVERYTHING = """
import zlib
from django.apps import apps
kept = []
for model in apps.get_models():
    for row in model._default_manager.values_list():
        kept += [zlib.decompress(f).decode() if isinstance(f, bytes) else str(f) for f in row]
answer = "\\n".join(kept)
"""


@pytest.fixture(scope="module")
def running(installation: Installation) -> Iterator[Installation]:
    with installation.workers(2):
        yield installation


def lay_out_logins(installation: Installation, server: TokenServer, module: str) -> str:
    lay_out(
        installation, server.url, N_CASES, module=module, url=f"{server.url}/api?{{number}}"
    )
    values = dict(AUTH["values"]) | {"token_url": f"{server.url}/token"}
    auth = {"kind": "oauth2", "values": [list(pair) for pair in values.items()]}
    assert installation.do(LOG_IN.format(module=module, auth=auth)) == N_CASES
    return module


def test_a_run_is_given_one_token(running: Installation) -> None:
    with TokenServer() as server:
        module = lay_out_logins(running, server, "one")
        ended = wait_for_end(running, start_run(running, module), 60)
        assert ended["counts"]["passed"] == N_CASES
        assert len(ended["pids"]) == 2, "both processes had a part in it"
        [token] = server.issued
    kept = running.do(EVERYTHING)
    assert "/api?" in kept
    assert token["access_token"] not in kept + running.log()


def test_a_token_that_is_revoked_in_mid_run_is_replaced_once(
    running: Installation,
) -> None:
    with TokenServer() as server:
        server.revokes_after = N_CASES // 2
        module = lay_out_logins(running, server, "revoked")
        ended = wait_for_end(running, start_run(running, module), 60)
        assert ended["counts"]["passed"] == N_CASES
        assert len(ended["pids"]) == 2
        assert len(server.issued) == 2


def test_a_fetcher_that_is_killed_is_replaced(running: Installation) -> None:
    with TokenServer() as server:
        server.gives.clear()
        module = lay_out_logins(running, server, "killed")
        run_id = start_run(running, module)
        wait_until(lambda: server.askers and len(busy(running)) == 2, 30)
        [port] = server.askers
        os.kill(_owner_of(port, busy(running)), signal.SIGKILL)
        server.gives.set()
        ended = wait_for_end(running, run_id, 60)
        assert ended["counts"]["passed"] == ended["n_results"] == N_CASES
        assert len(server.askers) == 2, "it was taken over once"


def _owner_of(port: int, pids: set[int]) -> int:
    """Which of these processes has this port of the loopback."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].partition(":")[2], 16) == port:
            socket = f"socket:[{fields[9]}]"
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            if os.readlink(descriptor) == socket:
                return pid
    raise AssertionError(f"nobody has port {port}")
