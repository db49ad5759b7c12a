"""The one shape in which every call over HTTP is refused."""

from __future__ import annotations

from typing import Any


def assert_error(response: Any, status: int, code: str, *words: str) -> None:
    """`{"error": {"code", "message"}}`, never stored; each of `words` is in the message."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["code"] == code
    for word in words:
        assert word in body["error"]["message"], body["error"]["message"]
    if status == 401:
        assert response["WWW-Authenticate"] == 'Bearer realm="testhub"'
