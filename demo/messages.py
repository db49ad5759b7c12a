"""A request and its answer as plain data; the server turns bytes into them and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from demo.shop import Site

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    path: str  # without the prefix of its site
    query: Mapping[str, str]
    headers: Message
    body: bytes
    site: Site

    def json(self) -> dict[str, Any]:
        """The body as a JSON object, or the 400 or 415 that says what is wrong."""
        if self.headers.get_content_type() != "application/json":
            raise Refused(415, "unsupported_media_type", "Send application/json.")
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise Refused(400, "bad_json", f"The body is not JSON: {error}.") from None
        if not isinstance(value, dict):
            raise Refused(400, "bad_json", "The body must be a JSON object.")
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from the query, or the 422 that says what is allowed."""
        text = self.query.get(name, str(default))
        if text.isdecimal() and low <= int(text[:9]) <= high:
            return int(text)
        raise invalid({name: f"must be a whole number from {low} to {high}"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int = 200
    headers: Headers = ()
    body: bytes = b""


@dataclass
class Refused(Exception):
    """An answer in the one error shape of this API."""

    status: int
    code: str
    message: str
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Headers = ()

    def answer(self) -> Answer:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.fields:
            error["fields"] = dict(self.fields)
        return reply({"error": error}, self.status, self.headers)


def reply(value: object, status: int = 200, headers: Headers = ()) -> Answer:
    """An answer whose body is `value` as JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(
        status=status,
        headers=(("Content-Type", "application/json; charset=utf-8"), *headers),
        body=body,
    )


def invalid(fields: Mapping[str, str]) -> Refused:
    """422: what was sent can be read, and is wrong in these fields."""
    return Refused(422, "invalid", "Some fields are not valid.", fields)


def missing(what: str) -> Refused:
    return Refused(404, "not_found", f"There is no {what}.")
