"""A message as a JSON document, sent by POST with the engine's own transport: its deadline
is total, so an address that never answers costs a worker a few seconds and no more."""

from __future__ import annotations

import hashlib
import hmac
import time

import orjson
from django.utils.translation import gettext as _

from cases.engine.auth.plain import basic
from cases.engine.errors import BadSpec, EngineError
from cases.engine.messages import Request
from cases.engine.policy import Policy
from cases.engine.transport import Session
from cases.engine.urls import parse
from cases.engine.wire import Wire
from runs.notifications.message import Message
from runs.notifications.undelivered import Undelivered, without_url

TIMEOUT_MS = 10_000
CONNECT_TIMEOUT_MS = 5_000
# Of the answer only the status counts.
RESPONSE_LIMIT = 64 * 1024


def post(url: str, key: str, message: Message, number: int) -> None:
    """With a key it is signed. Raises `Undelivered`.

    A redirect is not followed, nothing of the answer's body is kept.
    """
    try:
        target = parse(url)
    except BadSpec:
        raise Undelivered(_("The URL of this webhook cannot be asked.")) from None
    body = orjson.dumps({"delivery": number, "title": message.title, **message.data})
    headers = _headers(body, key, number)
    if target.user:
        headers.append(("Authorization", basic(*target.user)))
    request = Request(method="POST", url=target.text, headers=tuple(headers), body=body)
    wire = Wire(request, Policy(), TIMEOUT_MS, CONNECT_TIMEOUT_MS, RESPONSE_LIMIT)
    session = Session()
    try:
        response = session.send(wire)
    except EngineError as error:
        raise Undelivered(without_url(str(error), url, shown=target.host)) from None
    finally:
        session.close()
    if not 200 <= response.status < 300:
        raise Undelivered(_("The webhook was answered with %d.") % response.status)


def signature(key: str, timestamp: str, body: bytes) -> str:
    """What `X-Testhub-Signature` holds: with the time, so that nobody can send it later."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def _headers(body: bytes, key: str, number: int) -> list[tuple[str, str]]:
    timestamp = str(int(time.time()))
    headers = [
        ("Content-Type", "application/json"),
        ("User-Agent", "testhub"),
        ("Accept", "*/*"),
        ("X-Testhub-Delivery", str(number)),
        ("X-Testhub-Timestamp", timestamp),
    ]
    if key:
        headers.append(("X-Testhub-Signature", signature(key, timestamp, body)))
    return headers
