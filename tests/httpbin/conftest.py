from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.httpbin.server import Httpbin


@pytest.fixture(scope="package")
def httpbin() -> Iterator[Httpbin]:
    with Httpbin() as running:
        yield running
