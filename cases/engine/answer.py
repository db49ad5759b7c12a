"""The answer that a step is judged by: its text, its JSON and its markup, read when asked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from cases.engine.markup import Document, read_html, read_xml
from cases.engine.messages import Exchange, Response
from cases.engine.patterns import Nothing
from cases.engine.plain_data import Pairs
from cases.engine.values import from_json
from cases.engine.variables import Variables

_UNREAD = object()


class Answer:
    """The last answer of a step, its text and its JSON read at most once."""

    def __init__(self, exchanges: Sequence[Exchange], variables: Variables) -> None:
        self.exchanges = exchanges
        self.variables = variables
        response = exchanges[-1].response
        assert response is not None
        self.response: Response = response
        self._json: Any = _UNREAD

    @property
    def content_type(self) -> str:
        return content_type_in(self.response.headers)

    @cached_property
    def text(self) -> str:
        return decode(self.response.body, self.content_type)

    @property
    def json(self) -> Any:
        """The body as JSON, or Nothing with the reason."""
        # Not a cached_property, which takes a lock: in 3.11 that costs half of the reading.
        if self._json is _UNREAD:
            self._json = self._read_json()
        return self._json

    def _read_json(self) -> Any:
        body = self.response.body
        if not body.strip():
            return Nothing("the body is empty")
        try:
            if declared_charset(self.content_type) in ("", "utf-8", "utf8", "us-ascii"):
                return from_json(body.removeprefix(b"\xef\xbb\xbf"))
            return from_json(self.text.encode())
        except (ValueError, RecursionError) as error:
            return Nothing(f"the body is not JSON ({error})")

    @cached_property
    def markup(self) -> Any:
        """The body as XML or HTML, or Nothing with the reason. Raises CannotJudge."""
        body = self.response.body
        if not body.strip():
            return Nothing("the body is empty")
        try:
            if "html" in self.content_type.lower():
                return read_html(self.text)
            charset = declared_charset(self.content_type)
            if charset:
                return read_xml(self.text.encode("utf-8", "replace"), "utf-8")
            return self._xml_or_html()
        except ValueError as error:
            return Nothing(f"the body is neither XML nor HTML: {error}")

    def _xml_or_html(self) -> Document:
        try:
            return read_xml(self.response.body)
        except ValueError:
            if "xml" in self.content_type.lower():
                raise
            return read_html(self.text)


def content_type_in(headers: Pairs) -> str:
    """The value of the first Content-Type; empty without one."""
    for name, value in headers:
        if len(name) == 12 and name.lower() == "content-type":  # to count is cheap
            return value
    return ""


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
