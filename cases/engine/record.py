"""An attempt as the JSON that is kept: what pages, reports and the API read.

Texts are made storable here, once: no lone surrogates, no NUL. Bodies are cut at 256
KiB, long actual values at 2,000 characters; a body that is no text is kept in base64.
"""

from __future__ import annotations

import base64
import re
from typing import Any

import orjson

from cases.engine.answer import declared_charset
from cases.engine.eraser import BODY_LIMIT, VALUE_LIMIT
from cases.engine.messages import Exchange, Request, Response, Timings
from cases.engine.outcome import (
    AssertionResult,
    Attempt,
    ExtractionResult,
    StepResult,
    VariableUse,
)
from cases.engine.plain_data import Pairs
from cases.engine.values import cut, to_json

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def dumps(attempt: Attempt) -> bytes:
    """JSON of the attempt, storable in any UTF-8 column."""
    tree = {
        "outcome": attempt.outcome,
        "message": attempt.message,
        "started_at": attempt.started_at,
        "duration_ms": attempt.duration_ms,
        "steps": [_step(step) for step in attempt.steps],
        "variables": [_variable(use) for use in attempt.variables],
    }
    try:
        data = orjson.dumps(tree)
    except TypeError:  # a lone surrogate, a very large number
        return orjson.dumps(_storable(tree))
    # Nearly all attempts are storable as they are; to look at every text costs more.
    return orjson.dumps(_storable(tree)) if b"\\u0000" in data else data


def loads(data: bytes) -> dict[str, Any]:
    """The dictionary that `dumps` made."""
    record: dict[str, Any] = orjson.loads(data)
    return record


def _step(step: StepResult) -> dict[str, Any]:
    return {
        "name": step.name,
        "outcome": step.outcome,
        "message": step.message,
        "duration_ms": step.duration_ms,
        "n_polls": step.n_polls,
        "exchanges": [_exchange(exchange) for exchange in step.exchanges],
        "assertions": [_assertion(item) for item in step.assertions],
        "extractions": [_extraction(item) for item in step.extractions],
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    response = exchange.response
    return {
        "request": _request(exchange.request),
        "response": None if response is None else _response(response),
        "error": exchange.error,
        "purpose": exchange.purpose,
    }


def _request(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.url,
        "headers": request.headers,
        "body": _body(request),
    }


def _response(response: Response) -> dict[str, Any]:
    return {
        "status": response.status,
        "reason": response.reason,
        "version": response.version,
        "url": response.url,
        "headers": response.headers,
        "body": _body(response),
        "timings": _timings(response.timings),
        "address": response.address,
    }


def _timings(timings: Timings) -> dict[str, float | None]:
    return {
        "dns_ms": timings.dns_ms,
        "connect_ms": timings.connect_ms,
        "tls_ms": timings.tls_ms,
        "first_byte_ms": timings.first_byte_ms,
        "total_ms": timings.total_ms,
    }


def _body(message: Request | Response) -> dict[str, Any]:
    """`text`, or `base64` of bytes that are no text in their charset; real `size`."""
    size = len(message.body) if message.size is None else message.size
    kept = message.body[:BODY_LIMIT]
    shape: dict[str, Any] = {"size": size, "cut": size > BODY_LIMIT}
    text = _decoded(kept, message.headers, whole=not shape["cut"])
    if text is None:
        return {"base64": base64.b64encode(kept).decode(), **shape}
    return {"text": text, **shape}


def _decoded(body: bytes, headers: Pairs, *, whole: bool) -> str | None:
    content_type = next((v for n, v in headers if n.lower() == "content-type"), "")
    charset = _known(declared_charset(content_type))
    # A cut may fall inside a character: its first bytes, at most three, are left out.
    for end in (0,) if whole else range(4):
        try:
            text = body[: len(body) - end].decode(charset)
        except ValueError:
            continue
        else:
            return text if storable(text) is text else None
    return None


def _known(charset: str) -> str:
    """UTF-8 for a charset that nobody declared, or that nobody knows."""
    try:
        b" ".decode(charset)
    except (LookupError, ValueError):
        return "utf-8"
    return charset


def _assertion(item: AssertionResult) -> dict[str, Any]:
    return {
        "source": item.source,
        "path": item.path,
        "filters": item.filters,
        "comparator": item.comparator,
        "negated": item.negated,
        "expected": _value(item.expected),
        "actual": _value(item.actual),
        "outcome": item.outcome,
        "message": item.message,
        "warns": item.warns,
        "details": item.details,
    }


def _extraction(item: ExtractionResult) -> dict[str, Any]:
    return {
        "name": item.name,
        "source": item.source,
        "path": item.path,
        "filters": item.filters,
        "value": _value(item.value),
        "message": item.message,
    }


def _variable(use: VariableUse) -> dict[str, Any]:
    return {"name": use.name, "scope": use.scope, "value": _value(use.value)}


def _value(value: Any) -> Any:
    """A JSON value; a long one becomes text that ends with an ellipsis."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return cut(value, VALUE_LIMIT)
    text = to_json(value)
    if len(text) > VALUE_LIMIT:
        return cut(text, VALUE_LIMIT)
    return _storable(value)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _storable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_storable(item) for item in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)  # beyond what JSON readers keep exactly
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return storable(str(value))  # an operator's function may return anything


def storable(text: str) -> str:
    """The text as any UTF-8 column takes it; the same object if it is so already."""
    if text.isascii() and "\0" not in text:  # most are, and looking costs next to nothing
        return text
    if not _UNSTORABLE.search(text):
        return text
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
