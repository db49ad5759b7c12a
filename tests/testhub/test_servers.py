"""The private servers behind other tests are what those tests take them for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.servers import PrivateServer, ServerError


def test_a_private_mariadb_is_as_new_as_a_fresh_installation(own_mariadb) -> None:
    server = own_mariadb(max_connections=12)
    facts = server.execute(
        "SELECT @@time_zone, @@max_connections, @@character_set_server,"
        " (SELECT COUNT(*) FROM mysql.time_zone_name)"
    )
    assert facts == [("+08:00", 12, "utf8mb4", 0)]


def test_what_is_committed_survives_a_killed_mariadb(own_mariadb) -> None:
    server = own_mariadb()
    server.execute("CREATE DATABASE kept")
    server.execute("CREATE TABLE kept.rows AS SELECT 7 AS number")
    server.kill()
    server.start()
    assert server.execute("SELECT number FROM kept.rows") == [(7,)]
    server.restart()
    assert server.execute("SELECT number FROM kept.rows") == [(7,)]


def test_a_database_is_gone_after_its_block(mariadb_server) -> None:
    name = f"block_{os.getpid()}"
    with mariadb_server.database(name) as url:
        assert url.endswith(f"/{name}")
        assert mariadb_server.execute("SHOW DATABASES LIKE %s", name)
    assert not mariadb_server.execute("SHOW DATABASES LIKE %s", name)


def test_a_redis_forgets_with_its_end(redis_server) -> None:
    redis_server.client.set("a", "1")
    redis_server.restart()
    assert redis_server.client.get("a") is None


def test_nothing_is_left_of_a_private_server(own_mariadb) -> None:
    server = own_mariadb()
    pid, folder = server.pid, server.folder
    server.close()
    assert not folder.exists()
    assert not Path(f"/proc/{pid}").exists()


def test_a_server_that_cannot_start_says_why(own_mariadb) -> None:
    with pytest.raises(ServerError, match="mariadbd ended at once: .*no-such-option"):
        own_mariadb(no_such_option=1)


def test_a_program_that_is_missing_is_named() -> None:
    class Missing(PrivateServer):
        program = "no-such-program"

    assert Missing.missing() == "no-such-program is not installed"


def test_a_page_shows_what_a_server_sends(page, live_server) -> None:
    answer = page.goto(f"{live_server.url}/static/no-such-file")
    assert answer is not None
    assert answer.status == 404
