"""A private Redis for tests."""

from __future__ import annotations

from typing import Any

from tests.servers.process import PrivateServer


class RedisServer(PrivateServer):
    """A private Redis that keeps nothing: what it held is gone after `restart()`."""

    program = "redis-server"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> Any:
        import redis

        return redis.Redis(port=self.port, socket_timeout=10)

    def _command(self) -> list[str]:
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self.folder),
            "save": "",
            "appendonly": "no",
        }
        settings = [part for name, value in options.items() for part in (f"--{name}", value)]
        return [self._find(self.program) or self.program, *settings]

    def _answers(self) -> bool:
        import redis

        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False
