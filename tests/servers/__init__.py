"""Private servers for tests: started on free ports of 127.0.0.1, ended by pid."""

from __future__ import annotations

from tests.servers.mariadb import MariaDB, MariaDBAddress
from tests.servers.process import PrivateServer, ServerError, free_port
from tests.servers.redis import RedisServer
from tests.servers.smtp import MailServer

__all__ = [
    "MailServer",
    "MariaDB",
    "MariaDBAddress",
    "PrivateServer",
    "RedisServer",
    "ServerError",
    "free_port",
]
