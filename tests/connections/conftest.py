"""One installation on a MariaDB of its own, with one worker of two threads, for the proofs
that can share it: what a case leaves behind meets the next case on the same thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connections.held import prepare
from tests.connections.house import House
from tests.installation import Installation
from tests.servers import MariaDB
from tests.target import Target


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    if reason := MariaDB.missing():
        pytest.skip(reason)
    folder: Path = tmp_path_factory.mktemp("house")
    with MariaDB() as server, Target() as target:
        url = prepare(server)
        installation = Installation(
            url,
            folder,
            WORKERS=1,
            THREADS=2,
            FUNCTION_MODULES="tests.connections.functions",
        )
        house = House(server, installation, target)
        house.lay_out()
        with installation.workers(1):
            yield house
