"""A console to be looked at: a testhub of its own with a web server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.installation import Installation

PEOPLE = """
User.objects.create_superuser("admin", password="admin", display_name="Ada")
answer = None
"""


class Console:
    """`open()` goes to a page; `errors` is what the browser had to complain about."""

    def __init__(self, installation: Installation, url: str, page: Page) -> None:
        self.installation = installation
        self.do = installation.do
        self.url = url
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.errors.append(message.text) if message.type == "error" else None
            ),
        )

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def log_in(self, name: str = "admin", password: str = "admin") -> None:
        self.open("/admin/login/")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector("#nav-sidebar", state="attached")

    def save(self, name: str = "_continue") -> None:
        """Press a save button and wait for the page that says it was saved."""
        with self.page.expect_navigation():
            self.page.click(f"[name={name}]")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("console")
    made = Installation(f"sqlite:///{folder}/store.sqlite3", folder)
    made.do(PEOPLE)
    return made


@pytest.fixture(scope="module")
def served(installation: Installation) -> Iterator[str]:
    """The URL of the installation's web server; the tests of a file share it."""
    with installation.web() as url:
        yield url


@pytest.fixture
def console(installation: Installation, served: str, page: Page) -> Console:
    return Console(installation, served, page)
