"""The environment in which Django loads for tests, and the servers that tests use."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import counts, store
from tests.servers import MariaDB, MariaDBAddress, RedisServer
from tests.target import Target

if TYPE_CHECKING:
    from django.test import Client
    from playwright.sync_api import Browser, Page

os.environ.update(
    DJANGO_SETTINGS_MODULE="testhub.settings",
    ENV_FILE=os.devnull,  # what a developer has in .env is not for tests
    DEBUG="0",
    SECRET_KEY="only-for-tests-" + "0123456789" * 4,
    ENCRYPTION_KEYS="dGVzdGh1Yi10ZXN0LWtleS0zMi1ieXRlcy1sb25nISE=",
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
)
os.environ.pop("BROKER_URL", None)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Started in the background by a shell: what a test starts would be deaf to Ctrl-C too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
store.prepare()

# A test that asks for a server is marked with it: `-m redis`, `-m "not browser"`.
MARKS = {
    "own_mariadb": "mariadb",
    "mariadb_server": "mariadb",
    "redis_server": "redis",
    "browser": "browser",
}


def pytest_configure(config: pytest.Config) -> None:
    if config.pluginmanager.hasplugin("django"):  # -p no:django: the engine alone
        import django

        django.setup()


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    missing = MariaDB.missing()
    for item in items:
        if missing and item.get_closest_marker("mariadb"):  # starts servers by itself
            item.add_marker(pytest.mark.skip(reason=missing))
        for name in MARKS.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARKS[name])
        counts.put_in_column(item)
    unwanted = [item for item in items if not store.wants(item)]
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        items[:] = [item for item in items if store.wants(item)]
    yield
    # First what mostly waits, or one worker of pytest-xdist is left alone with it at the end.
    # Tests of one file stay side by side, for sorting is stable.
    items.sort(key=lambda item: item.get_closest_marker("cluster") is None)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    counts.count(report)


def pytest_sessionfinish() -> None:
    counts.write()


def _skip_without(reason: str) -> None:
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """SQLite in a file, as in production: one in memory knows neither WAL nor closing."""
    if store.NAME == "sqlite":
        from django.conf import settings

        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        settings.DATABASES["default"]["TEST"]["NAME"] = str(path)


@pytest.fixture(autouse=True)
def _forget_versions() -> None:
    """A process keeps compiled versions by key; each test counts its keys from 1 again."""
    # Whoever has not loaded it has nothing to forget: the engine's tests load no models.
    if manifest := sys.modules.get("runs.execution.manifest"):
        manifest._known.clear()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDBAddress]:
    """A MariaDB to make databases on; other tests use it too, so leave it as it was."""
    if address := store.server():
        yield address
        return
    _skip_without(MariaDB.missing())
    with MariaDB() as server:
        yield server.address


@pytest.fixture
def own_mariadb() -> Iterator[Callable[..., MariaDB]]:
    """Private servers for what would hurt others: `own_mariadb(max_connections=12)`."""
    _skip_without(MariaDB.missing())
    with ExitStack() as servers:
        yield lambda **options: servers.enter_context(MariaDB(**options))


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis of this process: tests may flush it, not stop it."""
    _skip_without(RedisServer.missing())
    with RedisServer() as server:
        yield server


@pytest.fixture
def store_url(tmp_path: Path) -> Iterator[str]:
    """The DATABASE_URL of a new, empty database for processes that a test starts."""
    with store.new(tmp_path) as url:
        yield url


@pytest.fixture
def target() -> Iterator[Target]:
    """The API under test, on a free port."""
    with Target() as target:
        yield target


@pytest.fixture
def admin(client: Client) -> Client:
    """A browser without a window in which a superuser has signed in."""
    from tests.factories import make_user

    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    _skip_without("" if chromium else "chromium is not installed")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread; Django would refuse the ORM there.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty tab without cookies; what it waits for may take 15 s."""
    context = browser.new_context(locale="en-US")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()
