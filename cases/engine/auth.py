"""Who is asking: the header that an AuthSpec becomes."""

from __future__ import annotations

import base64

# kind -> the fields of AuthSpec it uses
AUTH_KINDS: dict[str, tuple[str, ...]] = {
    "none": (),
    "basic": ("username", "password"),
    "bearer": ("token",),
}


def basic(username: str, password: str) -> str:
    """The value of Authorization for Basic, in UTF-8 (RFC 7617)."""
    pair = f"{username}:{password}".encode("utf-8", "surrogatepass")
    return f"Basic {base64.b64encode(pair).decode()}"


def bearer(token: str) -> str:
    return f"Bearer {token}"
