from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.httpbin.server import Gunicorn


@pytest.fixture(scope="package")
def httpbin() -> Iterator[Gunicorn]:
    with Gunicorn("httpbin:app", path="/status/204") as running:
        yield running
