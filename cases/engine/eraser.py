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
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

from cases.engine.values import cut, is_deep, to_json

MASK = "***"
SHORTEST = 4
BODY_LIMIT = 256 * 1024  # bytes of a body that are kept
VALUE_LIMIT = 2_000  # characters of a value that are kept

_B64 = rb"[A-Za-z0-9+/_-]"


class Eraser:
    """Looking is cheap; replacing happens only after a hit. What is long is cut here too,
    because a cut must never leave half a secret behind.
    """

    def __init__(self, secrets: frozenset[str]) -> None:
        self._whole = frozenset(str(secret) for secret in secrets if secret)
        long = [secret for secret in self._whole if len(secret) >= SHORTEST]
        plain = {form for secret in long for form in _plain_forms(secret)}
        cores = {core for secret in long for core in _base64_cores(secret)}
        self._forms = tuple(plain | cores)
        # A core has a neighbour on each side that holds a few bits of the secret too.
        self._margin = max(map(len, self._forms), default=0) + 2
        ordered = sorted(plain, key=len, reverse=True)
        patterns = [re.escape(form) for form in ordered]
        patterns += [_B64 + b"?" + re.escape(core) + _B64 + b"?" for core in cores]
        self._pattern = re.compile(b"|".join(patterns)) if patterns else None

    def body(self, body: bytes) -> bytes:
        """The first 256 KiB, clean."""
        if len(body) <= BODY_LIMIT:
            return self._clean(body)
        if self._pattern is None:
            return body[:BODY_LIMIT]
        clean = self._clean(body[: BODY_LIMIT + self._margin])
        return clean[: min(BODY_LIMIT, len(clean) - self._margin)]

    def text(self, text: str) -> str:
        """The whole text, clean."""
        if not text or not self._whole:
            return text
        if text in self._whole:
            return MASK
        data = text.encode("utf-8", "surrogatepass")
        clean = self._clean(data)
        return text if clean is data else clean.decode("utf-8", "surrogatepass")

    def sentence(self, text: str) -> str:
        """A message; where it cut a value short, no beginning of a secret is left."""
        clean = self.text(text)
        if "…" not in clean or self._pattern is None:
            return clean
        pieces = clean.split("…")
        return "…".join([*map(self._without_beginning, pieces[:-1]), pieces[-1]])

    def value(self, value: Any) -> Any:
        """Any JSON value, clean; a long or deep one becomes text that ends with …"""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._short(value)
        if isinstance(value, (int, float)):
            return MASK if self.text(str(value)) != str(value) else value
        text = to_json(value)
        if len(text) > VALUE_LIMIT or is_deep(value):
            return self._short(text)
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value]

    def _short(self, text: str) -> str:
        if len(text) <= VALUE_LIMIT:
            return self.text(text)
        clean = self.text(text[: VALUE_LIMIT + self._margin])
        return cut(clean[: max(0, len(clean) - self._margin)] + "…", VALUE_LIMIT)

    def _clean(self, data: bytes) -> bytes:
        if self._pattern is None or not any(form in data for form in self._forms):
            return data
        return self._pattern.sub(MASK.encode(), data)

    def _without_beginning(self, text: str) -> str:
        data = text.encode("utf-8", "surrogatepass")
        for form in self._forms:
            for length in range(min(len(form), len(data)), SHORTEST - 1, -1):
                if data.endswith(form[:length]):
                    kept = data[: len(data) - length]
                    return kept.decode("utf-8", "replace") + MASK
        return text


@lru_cache(maxsize=64)
def eraser(secrets: frozenset[str]) -> Eraser:
    """The eraser for a set of secrets; a run uses the same set for all its cases."""
    return Eraser(secrets)


def _plain_forms(secret: str) -> Iterator[bytes]:
    raw = secret.encode("utf-8", "surrogatepass")
    yield raw
    for quoted in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield quoted.encode()
        yield re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), quoted).encode()
    for text in (json.dumps(secret), json.dumps(secret, ensure_ascii=False)):
        escaped = text[1:-1]
        yield escaped.encode("utf-8", "surrogatepass")
        yield escaped.replace("/", "\\/").encode("utf-8", "surrogatepass")


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
