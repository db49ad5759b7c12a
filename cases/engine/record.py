"""An attempt as the JSON that is kept: what pages, reports and the API read.

Texts are made storable here, once: no lone surrogates, no NUL. Bodies are cut at 256
KiB, long actual values at 2,000 characters; a body that is no text is kept in base64.
"""

from __future__ import annotations

import base64
import re
from typing import Any

import orjson

from cases.engine.answer import content_type_in, declared_charset
from cases.engine.eraser import BODY_LIMIT, VALUE_LIMIT, is_short
from cases.engine.long_body import LongBody
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
        "body": _body(request.body, request.size, request.headers),
    }


def _response(response: Response) -> dict[str, Any]:
    return {
        "status": response.status,
        "reason": response.reason,
        "version": response.version,
        "url": response.url,
        "headers": response.headers,
        "body": _body(response.body, response.size, response.headers),
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


def _body(body: bytes | LongBody, size: int | None, headers: Pairs) -> dict[str, Any]:
    """`text`, or `base64` of bytes that are no text in their charset; real `size`."""
    if size is None:
        size = len(body)
    if not size:  # as most requests have it
        return {"text": "", "size": 0, "cut": False}
    kept, is_cut = body[:BODY_LIMIT], size > BODY_LIMIT
    text = _decoded(kept, headers, whole=not is_cut)
    if text is None:
        return {"base64": base64.b64encode(kept).decode(), "size": size, "cut": is_cut}
    return {"text": text, "size": size, "cut": is_cut}


def _decoded(body: bytes, headers: Pairs, *, whole: bool) -> str | None:
    charset = declared_charset(content_type_in(headers))
    charset = _known(charset) if charset else "utf-8"
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
    """UTF-8 for a charset that nobody knows."""
    try:
        b" ".decode(charset)
    except (LookupError, ValueError):
        return "utf-8"
    return charset


def _assertion(item: AssertionResult) -> dict[str, Any]:
    # Taken apart at once: to ask a named tuple for eleven fields takes as long as the rest.
    (
        source,
        path,
        comparator,
        negated,
        expected,
        actual,
        outcome,
        message,
        filters,
        warns,
        details,
    ) = item
    return {
        "source": source,
        "path": path,
        "filters": filters,
        "comparator": comparator,
        "negated": negated,
        "expected": _value(expected),
        "actual": _value(actual),
        "outcome": outcome,
        "message": message,
        "warns": warns,
        "details": details,
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
    if is_short(value):
        return value
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
