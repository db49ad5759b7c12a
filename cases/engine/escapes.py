"""The ways in which a text is escaped on its way: percent, JSON, HTML; there and back."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote_to_bytes

_BACKSLASH, _PERCENT, _PLUS, _AND = rb"\%+&"  # numbers: five times as quick to find
_JSON_SHORT = '"\\\b\f\n\r\t'
_ENTITIES = {
    "&": rb"&(?:amp|#38|#x26);",
    "<": rb"&(?:lt|#60|#x3[cC]);",
    ">": rb"&(?:gt|#62|#x3[eE]);",
    '"': rb"&(?:quot|#34|#x22);",
    "'": rb"&(?:apos|#39|#x27);",
}
_JSON_TEXT = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def unescaped(data: bytes) -> Iterator[bytes]:
    """What the data may say when its escapes are read; nothing if it has none."""
    texts = [data]
    if _BACKSLASH in data:
        text = _JSON_TEXT.sub(_read_json, data.decode("utf-8", "replace"))
        # Two escapes may be the halves of one character.
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        texts.append(whole.encode("utf-8"))
        yield texts[-1]
    for one in texts:
        if _PERCENT in one or _PLUS in one:
            yield unquote_to_bytes(one)
            yield unquote_to_bytes(one.replace(b"+", b" "))
        if _AND in one:
            yield html.unescape(one.decode("utf-8", "replace")).encode("utf-8", "replace")


def any_form(secret: str) -> bytes:
    """A pattern for a secret in which every character may be written in any of its ways.

    As it is, in percent (a space as + too), escaped for JSON, as an entity of HTML.
    """
    return b"".join(map(_character, secret))


@lru_cache(maxsize=4096)
def _character(character: str) -> bytes:
    return b"(?:" + b"|".join(_ways(character)) + b")"


def _ways(character: str) -> Iterator[bytes]:
    raw = character.encode("utf-8", "surrogatepass")
    yield re.escape(raw)
    yield b"".join(b"%" + _hex(f"{byte:02x}") for byte in raw)
    units = character.encode("utf-16-be", "surrogatepass").hex()
    yield b"".join(rb"\\u" + _hex(units[at : at + 4]) for at in range(0, len(units), 4))
    if character == " ":
        yield rb"\+"
    elif character == "/":
        yield rb"\\/"
    elif character in _JSON_SHORT:
        yield re.escape(json.dumps(character)[1:-1].encode())
    if character in _ENTITIES:
        yield _ENTITIES[character]


def _hex(digits: str) -> bytes:
    """In small letters and in capitals; said digit by digit, which is quick to compile."""
    return "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in digits).encode()


def _read_json(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else _CONTROLS.get(escape[2], escape[2])
