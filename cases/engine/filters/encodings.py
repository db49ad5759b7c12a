"""Filters between texts and bytes: base64, hexadecimal, charsets."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from cases.engine.errors import CannotJudge
from cases.engine.filters.arguments import Filter, bytes_of, text_of, words


def _base64(value: Any) -> str:
    """The UTF-8 text, or the bytes, in base64."""
    return base64.b64encode(bytes_of(value)).decode()


def _base64_url(value: Any) -> str:
    """The UTF-8 text, or the bytes, in the base64 of URLs, without padding."""
    return base64.urlsafe_b64encode(bytes_of(value)).decode().rstrip("=")


def _base64_decode(value: Any) -> str:
    """The text that a base64 text of either alphabet stands for."""
    return _decoded(from_base64(value), "utf-8")


def from_base64(value: Any) -> bytes:
    """The bytes that a base64 text of either alphabet stands for."""
    text = "".join(text_of(value).split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("it is not base64") from None


def _hex(value: Any) -> str:
    """The UTF-8 text, or the bytes, in hexadecimal digits."""
    return bytes_of(value).hex()


def _hex_bytes(value: Any) -> bytes:
    """The bytes that hexadecimal digits stand for."""
    try:
        return bytes.fromhex(text_of(value))
    except ValueError:
        raise ValueError("it is not hexadecimal") from None


def _encode(value: Any, charset: Any = "utf-8") -> bytes:
    """The bytes of a text in a charset."""
    name, text = words(charset, "The charset of encode"), text_of(value)
    try:
        return text.encode(name)
    except UnicodeEncodeError:
        raise ValueError(f"it cannot be written in {name}") from None
    except (LookupError, ValueError):
        raise CannotJudge(f"There is no charset {name!r}.") from None


def _decode(value: Any, charset: Any = "utf-8") -> str:
    """The text that bytes in a charset stand for."""
    return _decoded(bytes_of(value), words(charset, "The charset of decode"))


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset)
    except UnicodeDecodeError:
        raise ValueError(f"it is not text in {charset}") from None
    except (LookupError, ValueError):
        raise CannotJudge(f"There is no charset {charset!r}.") from None


ENCODINGS: dict[str, Filter] = {
    "base64": _base64,
    "base64_url": _base64_url,
    "base64_decode": _base64_decode,
    "base64_bytes": from_base64,
    "hex": _hex,
    "hex_bytes": _hex_bytes,
    "encode": _encode,
    "decode": _decode,
}
