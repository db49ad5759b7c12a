from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from demo.process import DemoApi


@pytest.fixture(scope="session")
def api() -> Iterator[DemoApi]:
    with DemoApi() as running:
        yield running


@pytest.fixture
def clerk(api: DemoApi) -> Iterator[Client]:
    """Somebody who has just logged in: a shop of his own."""
    with Client(api.url) as client:
        client.log_in()
        yield client


class Client(requests.Session):
    """A session that knows where the demo API is and follows no redirect."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url
        self.trust_env = False

    def log_in(self) -> None:
        body = {"username": "demo", "password": "demo-secret"}
        token = self.post("/login", json=body).json()["token"]
        self.cookies.clear()
        self.headers["Authorization"] = f"Bearer {token}"

    def request(self, method, url, **options):  # type: ignore[no-untyped-def]
        options = {"timeout": 10, **options, "allow_redirects": False}
        return super().request(method, self.base_url + url, **options)
