"""An attempt as it may be kept: without secrets, and not longer than anybody reads.

eraser.py finds the values of secrets. The values of Authorization, Proxy-Authorization,
Cookie and Set-Cookie are masked always; the auth scheme, the names of cookies and their
attributes stay readable.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from cases.engine.eraser import BODY_LIMIT, MASK, VALUE_LIMIT, Eraser, eraser, is_short
from cases.engine.messages import Exchange, Request, Response
from cases.engine.outcome import (
    AssertionResult,
    Attempt,
    ExtractionResult,
    StepResult,
    VariableUse,
)
from cases.engine.plain_data import Pairs
from cases.engine.values import as_text, to_json

_AUTH_HEADERS = ("authorization", "proxy-authorization")
# What may be read; another first word may be the secret itself.
_SCHEMES = ("basic", "bearer", "digest", "token", "apikey", "negotiate", "ntlm")
SENSITIVE_HEADERS = frozenset({*_AUTH_HEADERS, "cookie", "set-cookie"})
_LENGTHS = frozenset(map(len, SENSITIVE_HEADERS))  # to count is cheaper than to compare


def redact(attempt: Attempt, secrets: frozenset[str]) -> Attempt:
    """The same attempt with every secret replaced by ***."""
    rubber = eraser(secrets)
    steps = tuple([_step(step, rubber) for step in attempt.steps])
    variables = _variables(attempt.variables, rubber) if attempt.variables else ()
    if rubber.idle and steps == attempt.steps and variables == attempt.variables:
        return attempt
    return attempt._replace(
        message=rubber.sentence(attempt.message), steps=steps, variables=variables
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
    exchanges = tuple([_masked(exchange) for exchange in step.exchanges])
    if not rubber.idle:
        # Searched once, in one piece: most steps hold no secret anywhere but in headers.
        rubber = rubber.needed_for(_everything(step, exchanges, rubber.margin))
    if rubber.idle and _is_kept_whole(step):
        return step if exchanges == step.exchanges else step._replace(exchanges=exchanges)
    return step._replace(
        name=rubber.text(step.name),
        message=rubber.sentence(step.message),
        exchanges=tuple([_exchange(exchange, rubber) for exchange in exchanges]),
        assertions=tuple([_assertion(item, rubber) for item in step.assertions]),
        extractions=tuple([_extraction(item, rubber) for item in step.extractions]),
    )


def _is_kept_whole(step: StepResult) -> bool:
    """Whether there is nothing to cut, as in most steps."""
    for request, response, _, _ in step.exchanges:
        if not _is_short(request) or not (response is None or _is_short(response)):
            return False
    for item in step.assertions:
        if not is_short(item.actual) or not is_short(item.expected):
            return False
    return all([is_short(item.value) for item in step.extractions])


def _masked(exchange: Exchange) -> Exchange:
    request, response = exchange.request, exchange.response
    if _is_sensitive(request.headers):
        request = request._replace(headers=_mask(request.headers))
    if response is not None and _is_sensitive(response.headers):
        response = response._replace(headers=_mask(response.headers))
    if request is exchange.request and response is exchange.response:
        return exchange
    return exchange._replace(request=request, response=response)


def _is_sensitive(headers: Pairs) -> bool:
    names = [name.lower() for name, _ in headers if len(name) in _LENGTHS]
    return not SENSITIVE_HEADERS.isdisjoint(names)


def _mask(headers: Pairs) -> Pairs:
    return tuple((name, mask_header(name, value)) for name, value in headers)


def _exchange(exchange: Exchange, rubber: Eraser) -> Exchange:
    request, response = exchange.request, exchange.response
    if rubber.idle and _is_short(request) and (response is None or _is_short(response)):
        return exchange
    return exchange._replace(
        request=_request(request, rubber),
        response=None if response is None else _response(response, rubber),
        error=rubber.sentence(exchange.error),
    )


def _is_short(message: Request | Response) -> bool:
    return len(message.body) <= BODY_LIMIT


def _request(request: Request, rubber: Eraser) -> Request:
    return request._replace(
        url=rubber.text(request.url),
        headers=_headers(request.headers, rubber),
        body=rubber.body(request.body[: BODY_LIMIT + rubber.margin]),
        size=len(request.body),
    )


def _response(response: Response, rubber: Eraser) -> Response:
    return response._replace(
        reason=rubber.text(response.reason),
        url=rubber.text(response.url),
        headers=_headers(response.headers, rubber),
        body=rubber.body(response.body),
        size=len(response.body),
    )


def _headers(headers: Pairs, rubber: Eraser) -> Pairs:
    return tuple((rubber.text(name), rubber.text(value)) for name, value in headers)


def _assertion(item: AssertionResult, rubber: Eraser) -> AssertionResult:
    expected, actual = rubber.value(item.expected), rubber.value(item.actual)
    if rubber.idle and expected is item.expected and actual is item.actual:
        return item
    return item._replace(
        path=rubber.text(item.path),
        filters=rubber.text(item.filters),
        expected=expected,
        actual=actual,
        message=rubber.sentence(item.message),
        details=tuple(rubber.sentence(line) for line in item.details),
    )


def _extraction(item: ExtractionResult, rubber: Eraser) -> ExtractionResult:
    value = rubber.value(item.value)
    if rubber.idle and value is item.value:
        return item
    return item._replace(
        path=rubber.text(item.path),
        filters=rubber.text(item.filters),
        value=value,
        message=rubber.sentence(item.message),
    )


def _variables(uses: tuple[VariableUse, ...], rubber: Eraser) -> tuple[VariableUse, ...]:
    if not rubber.idle:
        n_characters = VALUE_LIMIT + rubber.margin
        texts = [f"{use.name}\n{as_text(use.value)[:n_characters]}" for use in uses]
        rubber = rubber.needed_for("\n".join(texts).encode("utf-8", "surrogatepass"))
    return tuple(
        [
            use
            if rubber.idle and is_short(use.value)
            else use._replace(name=rubber.text(use.name), value=rubber.value(use.value))
            for use in uses
        ]
    )


def _mask_pair(pair: str) -> str:
    name, mark, _ = pair.strip().partition("=")
    return f"{name}={MASK}" if mark else MASK


def _everything(step: StepResult, exchanges: tuple[Exchange, ...], margin: int) -> bytes:
    """All that the step would keep, in one piece."""
    texts, bodies = [step.name, step.message], []
    values: list[Any] = []
    n_bytes, n_characters = BODY_LIMIT + margin, VALUE_LIMIT + margin
    for exchange in exchanges:
        request, response = exchange.request, exchange.response
        texts += (exchange.error, request.url)
        texts += chain.from_iterable(request.headers)
        bodies.append(request.body[:n_bytes])
        if response is not None:
            texts += (response.reason, response.url)
            texts += chain.from_iterable(response.headers)
            bodies.append(response.body[:n_bytes])
    for item in step.assertions:
        texts += (item.path, item.filters, item.message)
        texts += item.details
        values += (item.expected, item.actual)
    for found in step.extractions:
        texts += (found.path, found.filters, found.message)
        values.append(found.value)
    texts += [
        (value if isinstance(value, str) else to_json(value))[:n_characters] for value in values
    ]
    return b"\n".join(["\n".join(texts).encode("utf-8", "surrogatepass"), *bodies])
