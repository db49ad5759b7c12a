"""One installation on a MariaDB of its own, with one worker of two threads, for the proofs
that can share it: what a case leaves behind meets the next case on the same thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connections.house import MODULES, House, house_of
from tests.servers import MariaDB
from tests.target import Target


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    if reason := MariaDB.missing():
        pytest.skip(reason)
    folder: Path = tmp_path_factory.mktemp("house")
    with (
        MariaDB() as server,
        Target() as target,
        house_of(server, target, folder, WORKERS=1, THREADS=2) as house,
    ):
        house.lay_out(MODULES)
        yield house
