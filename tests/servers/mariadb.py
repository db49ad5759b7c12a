"""A MariaDB for tests: one that is given, or a private one."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

from tests.servers.process import PrivateServer, ServerError


@dataclass(frozen=True, kw_only=True)
class MariaDBAddress:
    """A MariaDB server that answers: ask it, and make databases on it."""

    host: str
    port: int
    user: str
    password: str = ""

    @classmethod
    def from_url(cls, url: str) -> Self:
        parts = urlsplit(url)
        return cls(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 3306,
            user=unquote(parts.username or "root"),
            password=unquote(parts.password or ""),
        )

    def url(self, database: str) -> str:
        """The value of DATABASE_URL for one of its databases."""
        who = quote(self.user, safe="")
        if self.password:
            who += ":" + quote(self.password, safe="")
        return f"mysql://{who}@{self.host}:{self.port}/{database}"

    def connect(self, database: str = "") -> Any:
        """A raw connection with autocommit, for looking on from outside."""
        import MySQLdb

        return MySQLdb.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            database=database,
            charset="utf8mb4",
            autocommit=True,
        )

    def execute(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with contextlib.closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(sql, values or None)
            return list(cursor.fetchall())

    @property
    def version(self) -> str:
        """As in "10.11.19"."""
        return str(self.execute("SELECT VERSION()")[0][0]).partition("-")[0]

    @contextlib.contextmanager
    def database(self, name: str) -> Iterator[str]:
        """An empty database for the time of the block; gives its URL."""
        self.execute(f"DROP DATABASE IF EXISTS `{name}`")
        self.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE IF EXISTS `{name}`")


class MariaDB(PrivateServer):
    """A private MariaDB in the zone +08:00 without zone tables, as a new one may be.

    Options are mariadbd's own: `MariaDB(max_connections=12, wait_timeout=1)`.
    """

    program = "mariadbd"
    tools = ("mariadb-install-db", "my_print_defaults")

    def __init__(self, **options: object) -> None:
        super().__init__()
        self.options = options
        self.address = MariaDBAddress(host="127.0.0.1", port=self.port, user="root")

    @classmethod
    def missing(cls) -> str:
        try:
            import MySQLdb  # noqa: F401
        except ImportError:
            return "mysqlclient is not installed"
        return super().missing()

    @property
    def version(self) -> str:
        return self.address.version

    def url(self, database: str) -> str:
        return self.address.url(database)

    def execute(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self.address.execute(sql, *values)

    def start(self) -> None:
        if not (self.folder / "data" / "mysql").exists():
            self._tmpdir.mkdir(exist_ok=True)
            self._install()
        super().start()

    @property
    def _tmpdir(self) -> Path:
        # A server that starts removes all temporary tables from its tmpdir: in a shared
        # /tmp also those that another server is using.
        return self.folder / "tmp"

    @property
    def _as_root(self) -> list[str]:
        return ["--user=root"] if os.geteuid() == 0 else []

    def _install(self) -> None:
        installed = subprocess.run(
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={self.folder / 'data'}",
                f"--tmpdir={self._tmpdir}",
                "--auth-root-authentication-method=normal",
                "--skip-name-resolve",
                "--skip-test-db",
                "--innodb-log-file-size=8M",
                *self._as_root,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        self._log.write_bytes(installed.stdout)
        if installed.returncode:
            raise ServerError(f"mariadb-install-db failed: {self._last_words()}")

    def _command(self) -> list[str]:
        options = {
            "datadir": self.folder / "data",
            "tmpdir": self._tmpdir,
            "socket": self.folder / "socket",
            "pid-file": self.folder / "pid",
            "port": self.port,
            "bind-address": "127.0.0.1",
            "default-time-zone": "+08:00",
            "character-set-server": "utf8mb4",
            "collation-server": "utf8mb4_general_ci",
            "innodb-buffer-pool-size": "64M",
            "innodb-log-file-size": "8M",
            # What is committed survives kill(), which is all that tests need; a power cut
            # would not, and waiting for the disk made migrations four times as long.
            "innodb-flush-log-at-trx-commit": 2,
            "innodb-flush-method": "nosync",
            "innodb-doublewrite": 0,
            "sync-frm": 0,
            "performance-schema": "OFF",
            **{name.replace("_", "-"): value for name, value in self.options.items()},
        }
        program = self._find(self.program) or self.program
        settings = [f"--{name}={value}" for name, value in options.items()]
        return [
            program,
            "--no-defaults",
            "--skip-name-resolve",
            *self._as_root,
            *settings,
        ]

    def _answers(self) -> bool:
        import MySQLdb

        try:
            self.execute("SELECT 1")
        except MySQLdb.OperationalError:
            return False
        return True
