"""The `.env` file: reading one, and writing the first one of an installation."""

from __future__ import annotations

import base64
import os
import secrets
from contextlib import suppress
from pathlib import Path


def parse(path: Path) -> dict[str, str]:
    """NAME=value lines, quotes allowed. A missing file holds nothing.

    `#` opens a comment at the start of a line or after a blank. Raises ValueError for
    any other line; its text stays out of the message, it may be a secret.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    values = {}
    for number, line in enumerate(lines, 1):
        text = line.strip().removeprefix("export ").lstrip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"write NAME=value on line {number}")
        values[name.strip()] = _bare(value.strip())
    return values


def write_keys(path: Path) -> bool:
    """Write random keys to `path` (mode 600). Returns False if the file was there.

    Whoever comes second, in whatever process, finds a whole file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        return False
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    fernet_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"SECRET_KEY={secrets.token_urlsafe(50)}\n")
            file.write(f"ENCRYPTION_KEYS={fernet_key}\n")
        # A link appears whole or not at all and never replaces a file; rename does.
        with suppress(FileExistsError):
            os.link(draft, path)
            return True
    finally:
        draft.unlink(missing_ok=True)
    return False


def _bare(value: str) -> str:
    for quote in ('"', "'"):
        if value.startswith(quote) and value.endswith(quote) and len(value) > 1:
            return value[1:-1]
    return value.partition(" #")[0].rstrip()
