"""Read one value out of an answer: the table of sources that forms and docs list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cases.engine.cookies import read_cookie
from cases.engine.errors import UndefinedVariable
from cases.engine.messages import Exchange, Response
from cases.engine.patterns import Nothing, find_json, search
from cases.engine.values import from_json
from cases.engine.variables import Variables


class Answer:
    """The last answer of a step, its text and its JSON read at most once."""

    def __init__(self, exchanges: Sequence[Exchange], variables: Variables) -> None:
        self.exchanges = exchanges
        self.variables = variables
        response = exchanges[-1].response
        assert response is not None
        self.response: Response = response

    @cached_property
    def content_type(self) -> str:
        return next((v for n, v in self.response.headers if n.lower() == "content-type"), "")

    @cached_property
    def text(self) -> str:
        return decode(self.response.body, self.content_type)

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or Nothing with the reason."""
        body = self.response.body
        if not body.strip():
            return Nothing("the body is empty")
        try:
            if declared_charset(self.content_type) in ("", "utf-8", "utf8", "us-ascii"):
                return from_json(body.removeprefix(b"\xef\xbb\xbf"))
            return from_json(self.text.encode())
        except (ValueError, RecursionError) as error:
            return Nothing(f"the body is not JSON ({error})")


@dataclass(frozen=True, slots=True)
class Source:
    label: str
    description: str
    read: Callable[[Answer, str], Any]
    needs_path: bool = False
    is_text: bool = False  # always text: expected numbers are compared as their JSON text


def read(source: str, path: str, answer: Answer) -> Any:
    """The value, or Nothing. Raises CannotJudge when the question itself is wrong."""
    return SOURCES[source].read(answer, path)


def declared_charset(content_type: str) -> str:
    """The charset a Content-Type declares, in small letters; empty if none."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'").lower()
    return ""


def decode(body: bytes, content_type: str) -> str:
    """By the declared charset, else UTF-8; what does not fit becomes U+FFFD.

    Never guesses: that alone would cost more than the exchange.
    """
    charset = declared_charset(content_type)
    if charset:
        try:
            return body.decode(charset, "replace")
        except (LookupError, ValueError):  # a charset nobody knows, or no text encoding
            pass
    return body.decode("utf-8", "replace")


def _header(answer: Answer, path: str) -> Any:
    wanted = path.strip().lower()
    values = [value for name, value in answer.response.headers if name.lower() == wanted]
    return ", ".join(values) if values else Nothing(f"the answer has no header {path}")


def _cookie(answer: Answer, path: str) -> Any:
    return read_cookie(answer.exchanges, path)


def _json(answer: Answer, path: str) -> Any:
    document = answer.json
    return document if isinstance(document, Nothing) else find_json(path or "$", document)


def _regex(answer: Answer, path: str) -> Any:
    match = search(path, answer.text)
    if match is None or (match.re.groups and match[1] is None):
        return Nothing(f"nothing in the body matches {path}")
    return match[1] if match.re.groups else match[0]


def _duration(answer: Answer, path: str) -> float:
    times = [e.response.timings.total_ms for e in answer.exchanges if e.response]
    return round(sum(times), 3)


def _variable(answer: Answer, path: str) -> Any:
    try:
        return answer.variables.get(path.strip(), "an assertion")
    except UndefinedVariable:
        return Nothing(f"variable {path.strip()} has no value")


SOURCES: dict[str, Source] = {
    "status": Source(
        "Status", "The status code, a number.", lambda answer, _: answer.response.status
    ),
    "reason": Source(
        "Reason",
        "The words behind the status code.",
        lambda answer, _: answer.response.reason,
        is_text=True,
    ),
    "header": Source(
        "Header",
        "A header by name, in any case; several of one name are joined by commas.",
        _header,
        needs_path=True,
        is_text=True,
    ),
    "cookie": Source(
        "Cookie",
        "A cookie that the answer or a redirect before it set; name[HttpOnly] is an attribute.",
        _cookie,
        needs_path=True,
        is_text=True,
    ),
    "body": Source("Body", "The whole body as text.", lambda a, _: a.text, is_text=True),
    "json": Source("JSON", "A JSONPath (RFC 9535) into the body; empty is all of it.", _json),
    "regex": Source(
        "Regex",
        "The first match in the body: its first group, or all of it.",
        _regex,
        needs_path=True,
        is_text=True,
    ),
    "duration": Source("Duration", "Milliseconds, redirects included.", _duration),
    "size": Source(
        "Size",
        "Bytes of the body, after decompression.",
        lambda answer, _: len(answer.response.body),
    ),
    "url": Source(
        "URL",
        "The URL that answered, after redirects.",
        lambda answer, _: answer.response.url,
        is_text=True,
    ),
    "variable": Source("Variable", "A variable by name.", _variable, needs_path=True),
}
