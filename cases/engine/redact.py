"""An attempt as it may be kept: without secrets, and not longer than anybody reads.

eraser.py finds the values of secrets. The values of Authorization, Proxy-Authorization,
Cookie and Set-Cookie are masked always; the auth scheme, the names of cookies and their
attributes stay readable.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cases.engine.eraser import MASK, Eraser, eraser
from cases.engine.messages import Exchange, Request, Response
from cases.engine.outcome import AssertionResult, Attempt, ExtractionResult, StepResult
from cases.engine.spec import Pairs
from cases.engine.values import as_text

_AUTH_HEADERS = ("authorization", "proxy-authorization")
# What may be read; another first word may be the secret itself.
_SCHEMES = ("basic", "bearer", "digest", "token", "apikey", "negotiate", "ntlm")
SENSITIVE_HEADERS = (*_AUTH_HEADERS, "cookie", "set-cookie")


def redact(attempt: Attempt, secrets: frozenset[str]) -> Attempt:
    """The same attempt with every secret replaced by ***."""
    rubber = eraser(secrets)
    return replace(
        attempt,
        message=rubber.sentence(attempt.message),
        steps=tuple(_step(step, rubber) for step in attempt.steps),
    )


def mask_header(name: str, value: str) -> str:
    """The value of a header that is always secret, with what may be read left in."""
    lowered = name.lower()
    if lowered in _AUTH_HEADERS:
        scheme = value.partition(" ")[0]
        return f"{scheme} {MASK}" if scheme.lower() in _SCHEMES else MASK
    if lowered == "cookie":
        return "; ".join(_mask_pair(pair) for pair in value.split(";"))
    if lowered == "set-cookie":
        pair, semicolon, attributes = value.partition(";")
        return f"{_mask_pair(pair)}{semicolon}{attributes}"
    return value


def _step(step: StepResult, rubber: Eraser) -> StepResult:
    rubber = rubber.needed_for(_everything(step))
    return replace(
        step,
        name=rubber.text(step.name),
        message=rubber.sentence(step.message),
        exchanges=tuple(_exchange(exchange, rubber) for exchange in step.exchanges),
        assertions=tuple(_assertion(item, rubber) for item in step.assertions),
        extractions=tuple(_extraction(item, rubber) for item in step.extractions),
    )


def _exchange(exchange: Exchange, rubber: Eraser) -> Exchange:
    return Exchange(
        request=_request(exchange.request, rubber),
        response=_response(exchange.response, rubber),
        error=rubber.sentence(exchange.error),
    )


def _request(request: Request, rubber: Eraser) -> Request:
    return replace(
        request,
        url=rubber.text(request.url),
        headers=_headers(request.headers, rubber),
        body=rubber.body(request.body),
        size=len(request.body),
    )


def _response(response: Response | None, rubber: Eraser) -> Response | None:
    if response is None:
        return None
    return replace(
        response,
        reason=rubber.text(response.reason),
        url=rubber.text(response.url),
        headers=_headers(response.headers, rubber),
        body=rubber.body(response.body),
        size=len(response.body),
    )


def _headers(headers: Pairs, rubber: Eraser) -> Pairs:
    return tuple(
        (
            rubber.text(name),
            rubber.text(mask_header(name, value)),
        )
        for name, value in headers
    )


def _assertion(item: AssertionResult, rubber: Eraser) -> AssertionResult:
    return replace(
        item,
        path=rubber.text(item.path),
        expected=rubber.value(item.expected),
        actual=rubber.value(item.actual),
        message=rubber.sentence(item.message),
    )


def _extraction(item: ExtractionResult, rubber: Eraser) -> ExtractionResult:
    return replace(
        item,
        path=rubber.text(item.path),
        value=rubber.value(item.value),
        message=rubber.sentence(item.message),
    )


def _mask_pair(pair: str) -> str:
    name, mark, _ = pair.strip().partition("=")
    return f"{name}={MASK}" if mark else MASK


def _everything(step: StepResult) -> bytes:
    """All that the step would keep, in one piece: searched once instead of text by text."""
    texts: list[Any] = [step.name, step.message]
    bodies: list[bytes] = []
    for exchange in step.exchanges:
        texts += [exchange.error, exchange.request.url, exchange.request.headers]
        bodies.append(exchange.request.body)
        if exchange.response is not None:
            response = exchange.response
            texts += [response.reason, response.url, response.headers]
            bodies.append(response.body)
    for item in step.assertions:
        texts += [item.path, item.expected, item.actual, item.message]
    for found in step.extractions:
        texts += [found.path, found.value, found.message]
    written = b"\n".join(
        as_text(text).encode("utf-8", "surrogatepass") for text in texts if text
    )
    return b"\n".join([written, *bodies])
