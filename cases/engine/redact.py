"""Secrets out of everything that is kept: values in every form they travel in, and
headers.

A secret is looked for as it is, percent-encoded, JSON-escaped and in base64 at all
three alignments. The values of Authorization, Proxy-Authorization, Cookie and
Set-Cookie are always masked; the auth scheme, the names of cookies and their attributes
stay readable. A secret of fewer than 4 characters is masked only where it is the whole
value: inside other text it would make a record unreadable and protect nothing.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

from cases.engine.messages import Exchange, Request, Response
from cases.engine.outcome import AssertionResult, Attempt, ExtractionResult, StepResult
from cases.engine.spec import Pairs

MASK = "***"
SHORTEST = 4

_AUTH_HEADERS = ("authorization", "proxy-authorization")
_SENSITIVE = (*_AUTH_HEADERS, "cookie", "set-cookie")
_B64 = rb"[A-Za-z0-9+/_-]"


def redact(attempt: Attempt, secrets: frozenset[str]) -> Attempt:
    """The same attempt with every secret replaced by ***."""
    eraser = _eraser(secrets)
    return replace(
        attempt,
        message=eraser.text(attempt.message),
        steps=tuple(_step(step, eraser) for step in attempt.steps),
    )


def mask_header(name: str, value: str) -> str:
    """The value of a header that is always secret, with what may be read left in."""
    lowered = name.lower()
    if lowered in _AUTH_HEADERS:
        scheme, space, rest = value.partition(" ")
        return f"{scheme} {MASK}" if space and rest else MASK
    if lowered == "cookie":
        return "; ".join(_mask_pair(pair) for pair in value.split(";"))
    if lowered == "set-cookie":
        pair, semicolon, attributes = value.partition(";")
        return f"{_mask_pair(pair)}{semicolon}{attributes}"
    return value


class Eraser:
    """Finds any form of any secret. Looking is cheap; replacing happens only after a
    hit.
    """

    def __init__(self, secrets: frozenset[str]) -> None:
        self._whole = frozenset(s for s in secrets if s)
        long = sorted((s for s in self._whole if len(s) >= SHORTEST), key=len, reverse=True)
        plain = {form for secret in long for form in _plain_forms(secret)}
        cores = {core for secret in long for core in _base64_cores(secret)}
        self._forms = tuple(plain | cores)
        self.longest = max(map(len, self._forms), default=0)
        ordered = sorted(plain, key=len, reverse=True)
        patterns = [re.escape(form) for form in ordered]
        # A core has a neighbour on each side that holds a few bits of the secret too.
        patterns += [_B64 + b"?" + re.escape(core) + _B64 + b"?" for core in cores]
        self._pattern = re.compile(b"|".join(patterns)) if patterns else None

    def __bool__(self) -> bool:
        return bool(self._whole)

    def hits(self, data: bytes) -> bool:
        return any(form in data for form in self._forms)

    def data(self, data: bytes) -> bytes:
        if self._pattern is None or not self.hits(data):
            return data
        return self._pattern.sub(MASK.encode(), data)

    def text(self, text: str) -> str:
        if not text or not self._whole:
            return text
        if text in self._whole:
            return MASK
        data = text.encode("utf-8", "surrogatepass")
        clean = self.data(data)
        return text if clean is data else clean.decode("utf-8", "surrogatepass")

    def value(self, value: Any) -> Any:
        """Any JSON value; a number is compared by its text."""
        if not self._whole:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item) for item in value]
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return MASK if self.text(str(value)) != str(value) else value
        return value


@lru_cache(maxsize=64)
def _eraser(secrets: frozenset[str]) -> Eraser:
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


def _step(step: StepResult, eraser: Eraser) -> StepResult:
    return replace(
        step,
        name=eraser.text(step.name),
        message=eraser.text(step.message),
        exchanges=tuple(_exchange(exchange, eraser) for exchange in step.exchanges),
        assertions=tuple(_assertion(item, eraser) for item in step.assertions)
        if eraser
        else step.assertions,
        extractions=tuple(_extraction(item, eraser) for item in step.extractions)
        if eraser
        else step.extractions,
    )


def _exchange(exchange: Exchange, eraser: Eraser) -> Exchange:
    return Exchange(
        request=_request(exchange.request, eraser),
        response=_response(exchange.response, eraser),
        error=eraser.text(exchange.error),
    )


def _request(request: Request, eraser: Eraser) -> Request:
    return replace(
        request,
        url=eraser.text(request.url),
        headers=_headers(request.headers, eraser),
        body=eraser.data(request.body),
    )


def _response(response: Response | None, eraser: Eraser) -> Response | None:
    if response is None:
        return None
    return replace(
        response,
        reason=eraser.text(response.reason),
        url=eraser.text(response.url),
        headers=_headers(response.headers, eraser),
        body=eraser.data(response.body),
    )


def _headers(headers: Pairs, eraser: Eraser) -> Pairs:
    return tuple(
        (
            eraser.text(name),
            mask_header(name, value) if name.lower() in _SENSITIVE else eraser.text(value),
        )
        for name, value in headers
    )


def _assertion(item: AssertionResult, eraser: Eraser) -> AssertionResult:
    return replace(
        item,
        path=eraser.text(item.path),
        expected=eraser.value(item.expected),
        actual=eraser.value(item.actual),
        message=eraser.text(item.message),
    )


def _extraction(item: ExtractionResult, eraser: Eraser) -> ExtractionResult:
    return replace(
        item,
        path=eraser.text(item.path),
        value=eraser.value(item.value),
        message=eraser.text(item.message),
    )


def _mask_pair(pair: str) -> str:
    name, mark, _ = pair.strip().partition("=")
    return f"{name}={MASK}" if mark else MASK
