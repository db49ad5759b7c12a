"""Find secrets in every form they travel in, and put *** there.

A secret is looked for as it is, percent-encoded, JSON-escaped and in base64 at all three
alignments. One of fewer than 4 characters is masked only where it is the whole value:
inside other text it would make a record unreadable and protect nothing.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote

from cases.engine.escapes import any_form, unescaped
from cases.engine.values import ATOMS, cut, is_deep, to_json

MASK = "***"
_MASK = MASK.encode()
SHORTEST = 4
BODY_LIMIT = 256 * 1024  # bytes of a body that are kept
VALUE_LIMIT = 2_000  # characters of a value that are kept

_B64 = rb"[A-Za-z0-9+/_-]"


class Eraser:
    """What is long is cut here too, because a cut must never leave half a secret."""

    def __init__(self, secrets: frozenset[str]) -> None:
        self._whole = frozenset(str(secret) for secret in secrets if secret)
        # The longest first: one secret may be the beginning of another.
        long = sorted((s for s in self._whole if len(s) >= SHORTEST), key=len, reverse=True)
        self._plain = tuple(_bytes(secret) for secret in long)
        self._cores = tuple({core for secret in long for core in _base64_cores(secret)})
        self._beginnings = tuple({form for secret in long for form in _forms(secret)})
        # How far behind a cut the text must be clean.
        self.margin = 12 * max(map(len, long), default=0)  # an emoji is \\ud83d\\ude00 in JSON
        self._long = tuple(long)
        self.idle = not self._whole  # nothing to look for
        # For texts without a long secret: only short ones are looked for.
        short = self._whole.difference(long)
        self._lighter = Eraser(short) if long else self

    # Patterns are made when something was seen, not before: for a token of 1,000 characters
    # that takes 100 ms.

    @cached_property
    def _any_core(self) -> re.Pattern[bytes]:
        # A core has a neighbour on each side that holds a few bits of the secret too.
        return re.compile(
            b"|".join(_B64 + b"?" + re.escape(core) + _B64 + b"?" for core in self._cores)
        )

    @cached_property
    def _any_form(self) -> re.Pattern[bytes]:
        return re.compile(b"|".join(map(any_form, self._long)))

    def needed_for(self, everything: bytes) -> Eraser:
        """One that does no work for texts which hold no secret, as most do not."""
        return self if self._holds(everything) else self._lighter

    def body(self, body: bytes) -> bytes:
        """The first 256 KiB, clean."""
        if len(body) <= BODY_LIMIT:
            return self._clean(body)
        if not self._plain:
            return body[:BODY_LIMIT]
        clean = self._clean(body[: BODY_LIMIT + self.margin])
        return clean[: min(BODY_LIMIT, len(clean) - self.margin)]

    def text(self, text: str) -> str:
        """The whole text, clean."""
        if not text or not self._whole:
            return text
        if text in self._whole:
            return MASK
        if not self._plain:
            return text
        data = _bytes(text)
        clean = self._clean(data)
        return text if clean is data else clean.decode("utf-8", "surrogatepass")

    def sentence(self, text: str) -> str:
        """A message; where it cut a value short, no beginning of a secret is left."""
        clean = self.text(text)
        if "…" not in clean or not self._plain:
            return clean
        pieces = clean.split("…")
        return "…".join([*map(self._without_beginning, pieces[:-1]), pieces[-1]])

    def value(self, value: Any) -> Any:
        """Any JSON value, clean; a long or deep one becomes text, cut with an ellipsis."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._short(value)
        if isinstance(value, (int, float)):
            return MASK if not self.idle and self.text(str(value)) != str(value) else value
        text = to_json(value)
        if len(text) > VALUE_LIMIT or is_deep(value):
            return self._short(text)
        if self.idle:
            return value
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value]

    def _short(self, text: str) -> str:
        if len(text) <= VALUE_LIMIT:
            return self.text(text)
        clean = self.text(text[: VALUE_LIMIT + self.margin])
        return cut(clean[: max(0, len(clean) - self.margin)] + "…", VALUE_LIMIT)

    def _holds(self, data: bytes) -> bool:
        return (
            any(secret in data for secret in self._plain)
            or any(core in data for core in self._cores)
            or self._holds_escaped(data)
        )

    def _holds_escaped(self, data: bytes) -> bool:
        return any(secret in plain for plain in unescaped(data) for secret in self._plain)

    def _clean(self, data: bytes) -> bytes:
        """`data` itself if there is nothing to hide: looking is cheap, patterns are not."""
        for secret in self._plain:
            if secret in data:
                data = data.replace(secret, _MASK)
        if self._plain and self._holds_escaped(data):
            data = self._any_form.sub(_MASK, data)
        if any(core in data for core in self._cores):
            data = self._any_core.sub(_MASK, data)
        return data

    def _without_beginning(self, text: str) -> str:
        data = _bytes(text)
        for form in self._beginnings:
            for length in range(min(len(form), len(data)), SHORTEST - 1, -1):
                if data.endswith(form[:length]):
                    kept = data[: len(data) - length]
                    return kept.decode("utf-8", "replace") + MASK
        return text


def is_short(value: Any) -> bool:
    """Whether a value is kept whole: a number, true, false, null or a short text.

    False may also mean that somebody has to look closer.
    """
    return type(value) in ATOMS and (type(value) is not str or len(value) <= VALUE_LIMIT)


@lru_cache(maxsize=64)
def eraser(secrets: frozenset[str]) -> Eraser:
    """The eraser for a set of secrets; a run uses the same set for all its cases."""
    return Eraser(secrets)


def _forms(secret: str) -> Iterator[bytes]:
    """How a sentence of ours may quote it."""
    yield _bytes(secret)
    yield json.dumps(secret, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")
    yield quote(_bytes(secret), safe="").encode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _base64_cores(secret: str) -> Iterator[bytes]:
    """What base64 of a text with the secret in it holds, whatever stands beside it."""
    raw = secret.encode("utf-8", "surrogatepass")
    for before in range(3):
        first = -(-8 * before // 6)  # characters that hold bits of what stands before
        last = 8 * (before + len(raw)) // 6
        encoded = base64.b64encode(bytes(before) + raw)[first:last]
        if len(encoded) >= SHORTEST:
            yield encoded
            yield encoded.translate(bytes.maketrans(b"+/", b"-_"))
