"""An attempt's record prepared for a page: bodies made readable, timings made a bar.

Everything here ends as escaped text. Nothing from a target is ever markup.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.engine.comparators import COMPARATORS
from cases.engine.outcome import Outcome

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
# Shown of a binary body: enough to recognise what it is.
HEX_BYTES = 256


def readable(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with `shown` texts beside what a page cannot show as it is."""
    started_at = record.get("started_at")
    return {
        **record,
        "began": datetime.fromtimestamp(started_at, UTC) if started_at else None,
        "steps": [_step(step) for step in record.get("steps", ())],
        "variables": [_variable(use) for use in record.get("variables", ())],
    }


def _variable(use: Mapping[str, Any]) -> dict[str, Any]:
    origin = {
        "global": _("global"),
        "environment": _("environment"),
        "module": _("module"),
        "plan": _("plan"),
        "case": _("case"),
        "row": _("dataset row"),
        "extracted": _("extraction"),
    }.get(use["scope"], use["scope"])
    return {**use, "origin": origin, "shown": value_text(use["value"])}


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **step,
        "exchanges": [_exchange(exchange) for exchange in step["exchanges"]],
        "assertions": [_assertion(item) for item in step["assertions"]],
        "extractions": [
            {**item, "shown": value_text(item["value"])} for item in step["extractions"]
        ],
    }


def _exchange(exchange: Mapping[str, Any]) -> dict[str, Any]:
    request, response = exchange["request"], exchange["response"]
    shown = {
        **exchange,
        "title": _title(exchange["purpose"]),
        "request": {**request, "body": _body(request["body"], request["headers"])},
    }
    if response:
        shown["response"] = {
            **response,
            "body": _body(response["body"], response["headers"]),
            "timings": list(timing_parts(response["timings"])),
            "total_ms": response["timings"]["total_ms"],
        }
    shown["text"] = as_text(exchange)
    return shown


def _title(purpose: str) -> str:
    """What this exchange was for; read when it is shown, so in the reader's language."""
    return {
        "token": _("Access token"),
        "auth": _("Once more, with credentials"),
        "redirect": _("Redirect"),
        "resend": _("Sent again"),
    }.get(purpose, _("Exchange"))


def _assertion(item: Mapping[str, Any]) -> dict[str, Any]:
    comparator = COMPARATORS.get(item["comparator"])
    return {
        **item,
        "phrase": _(comparator.label) if comparator else item["comparator"],
        "warned": item["warns"] and item["outcome"] == Outcome.FAILED,
        "needs_expected": comparator is None or comparator.needs_expected,
        "shown_expected": value_text(item["expected"]),
        "shown_actual": value_text(item["actual"]),
    }


def _body(body: Mapping[str, Any], headers: Any) -> dict[str, Any]:
    notes = []
    if "base64" in body:
        data = base64.b64decode(body["base64"])
        notes.append(_("binary, %s bytes; the first of them:") % body["size"])
        return {**body, "shown": hex_dump(data[:HEX_BYTES]), "notes": notes}
    if body["cut"]:
        notes.append(_("%s bytes; only the beginning was kept") % body["size"])
    text = body["text"]
    return {**body, "shown": text if body["cut"] else pretty(text), "notes": notes}


def pretty(text: str) -> str:
    """A JSON document indented, every token as it came; anything else as it is."""
    try:
        if not isinstance(json.loads(text), (list, dict)):
            return text
    except (ValueError, RecursionError):
        return text
    return "".join(_indented(text))


def value_text(value: Any) -> str:
    """A value with its type to be seen: texts stand in quotes."""
    return json.dumps(value, ensure_ascii=False, indent=2 if _is_nested(value) else None)


def hex_dump(data: bytes) -> str:
    """Sixteen bytes a line: offset, hexadecimal, what can be read."""
    lines = []
    for start in range(0, len(data), 16):
        part = data[start : start + 16]
        readable_part = "".join(chr(b) if 32 <= b < 127 else "." for b in part)
        lines.append(f"{start:04x}  {part.hex(' '):<47}  {readable_part}")
    return "\n".join(lines)


def timing_parts(timings: Mapping[str, float | None]) -> Iterator[dict[str, Any]]:
    """What each phase took by itself; the record counts from the beginning each time.

    Phases that did not happen, on a connection used before, are left out.
    """
    phases = (
        ("dns_ms", _("DNS")),
        ("connect_ms", _("connect")),
        ("tls_ms", _("TLS")),
        ("first_byte_ms", pgettext("for an answer", "waiting")),
        ("total_ms", _("receiving")),
    )
    before = 0.0
    for number, (name, label) in enumerate(phases, 1):
        at = timings.get(name)
        if at is None:
            continue
        yield {"label": label, "ms": max(at - before, 0.0), "number": number}
        before = max(at, before)


def as_text(exchange: Mapping[str, Any]) -> str:
    """Request and response as one text to be copied into a report."""
    request, response = exchange["request"], exchange["response"]
    lines = [f"{request['method']} {request['url']}", *_head_and_body(request), ""]
    if response:
        lines += [
            f"HTTP/{response['version']} {response['status']} {response['reason']}",
            *_head_and_body(response),
        ]
    if exchange["error"]:
        lines.append(exchange["error"])
    return "\n".join(lines)


def _head_and_body(message: Mapping[str, Any]) -> list[str]:
    lines = [f"{name}: {value}" for name, value in message["headers"]]
    body = message["body"]
    if body["size"]:
        lines += ["", body.get("text") or _("(%s bytes, binary)") % body["size"]]
    return lines


def _is_nested(value: Any) -> bool:
    return isinstance(value, (list, dict)) and any(
        isinstance(item, (list, dict))
        for item in (value.values() if isinstance(value, dict) else value)
    )


def _indented(text: str) -> Iterator[str]:
    """Works on tokens, not on values: 1.10 stays 1.10 and a name may stand twice."""
    depth, before = 0, ""
    for token in _TOKEN.findall(text):
        if token in "}]":
            depth -= 1
            if before not in "{[":
                yield "\n" + "  " * depth
        elif before and before in "{[,":
            yield "\n" + "  " * depth
        yield token
        if token == ":":
            yield " "
        if token in "{[":
            depth += 1
        before = token
