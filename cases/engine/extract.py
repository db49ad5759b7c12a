"""Read one value out of an answer: the table of sources that forms and docs list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cases.engine.answer import Answer
from cases.engine.certificate import read_certificate
from cases.engine.chain import apply
from cases.engine.cookies import read_cookie
from cases.engine.errors import UndefinedVariable
from cases.engine.jsonpaths import compile_jsonpath, find_json
from cases.engine.markup import compile_css, compile_xpath
from cases.engine.patterns import Nothing, compile_regex, first_match
from cases.engine.redact import SENSITIVE_HEADERS
from cases.engine.templates import Call
from cases.engine.timings import TIMINGS, read_timing


@dataclass(frozen=True, slots=True)
class Source:
    label: str
    description: str
    read: Callable[[Answer, str], Any]
    needs_path: bool = False
    takes_path: bool = False  # reads a part of something with a path, all of it without
    is_text: bool = False  # always text: expected numbers are compared as their JSON text
    check: Callable[[str], object] | None = None  # of a path; raises BadSpec
    hides: Callable[[str], bool] | None = None  # of a path: no record shows what it finds


def read(
    source: Source, path: str, answer: Answer, filters: Sequence[Call] = (), place: str = ""
) -> Any:
    """The value, or Nothing. Raises EngineError when the question itself is wrong."""
    value = source.read(answer, path)
    if filters:
        value = apply(filters, value, answer.variables, place)
    return value.hex() if isinstance(value, bytes) else value


def _header(answer: Answer, path: str) -> Any:
    values = _headers(answer, path)
    return values if isinstance(values, Nothing) else ", ".join(values)


def _headers(answer: Answer, path: str) -> Any:
    wanted = path.strip().lower()
    values = [value for name, value in answer.response.headers if name.lower() == wanted]
    return values or Nothing(f"the answer has no header {path}")


def _is_credential(path: str) -> bool:
    return path.strip().lower() in SENSITIVE_HEADERS


def _cookie(answer: Answer, path: str) -> Any:
    return read_cookie(answer.exchanges, path)


def _json(answer: Answer, path: str) -> Any:
    document = answer.json
    return document if isinstance(document, Nothing) else find_json(path or "$", document)


def _xpath(answer: Answer, path: str) -> Any:
    document = answer.markup
    return document if isinstance(document, Nothing) else document.xpath(path)


def _css(answer: Answer, path: str) -> Any:
    document = answer.markup
    return document if isinstance(document, Nothing) else document.css(path)


def _regex(answer: Answer, path: str) -> Any:
    return first_match(path, answer.text, "the body")


def _duration(answer: Answer, path: str) -> float:
    times = [e.response.timings.total_ms for e in answer.exchanges if e.response]
    return times[0] if len(times) == 1 else round(sum(times), 3)


def _exchange(answer: Answer, _: str) -> dict[str, Any]:
    request, body = answer.exchanges[-1].request, answer.json
    is_text = isinstance(body, Nothing) or "json" not in answer.content_type.lower()
    return {
        "method": request.method,
        "url": request.url,
        "status": answer.response.status,
        "content_type": answer.content_type,
        "body": answer.text if is_text else body,
    }


def _redirects(answer: Answer, _: str) -> list[dict[str, Any]]:
    return [
        {
            "status": hop.response.status,
            "url": hop.request.url,
            "location": following.request.url,
        }
        for hop, following in pairwise(answer.exchanges)
        if following.purpose == "redirect" and hop.response is not None
    ]


def _address(answer: Answer, _: str) -> Any:
    return answer.response.address or Nothing("no address is known")


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
        hides=_is_credential,
    ),
    "headers": Source(
        "All headers",
        "All headers of one name, a list of texts.",
        _headers,
        needs_path=True,
        hides=_is_credential,
    ),
    "cookie": Source(
        "Cookie",
        "A cookie that the answer or a redirect before it set; name[HttpOnly] is an attribute.",
        _cookie,
        needs_path=True,
        is_text=True,
    ),
    "body": Source("Body", "The whole body as text.", lambda a, _: a.text, is_text=True),
    "bytes": Source(
        "Bytes",
        "The body before it is read as text, in hexadecimal; filters get the bytes.",
        lambda answer, _: answer.response.body,
        is_text=True,
    ),
    "json": Source(
        "JSON",
        "A JSONPath (RFC 9535) into the body; empty is all of it.",
        _json,
        takes_path=True,
        check=lambda path: compile_jsonpath(path or "$"),
    ),
    "xpath": Source(
        "XPath",
        "An XPath into XML or HTML: the text of what it finds.",
        _xpath,
        needs_path=True,
        is_text=True,
        check=compile_xpath,
    ),
    "css": Source(
        "CSS",
        "A CSS selector into HTML or XML: the text of its elements; a::attr(href) reads one.",
        _css,
        needs_path=True,
        is_text=True,
        check=compile_css,
    ),
    "regex": Source(
        "Regex",
        "The first match in the body: its first group, or all of it.",
        _regex,
        needs_path=True,
        is_text=True,
        check=compile_regex,
    ),
    "duration": Source("Duration", "Milliseconds, redirects included.", _duration),
    "timing": Source(
        "Timing",
        f"Milliseconds until a phase of the last exchange ended: {', '.join(TIMINGS)}.",
        lambda answer, path: read_timing(answer.response.timings, path),
        needs_path=True,
    ),
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
    "redirects": Source(
        "Redirects",
        "The redirects before the answer: a list of objects with status, url and location.",
        _redirects,
    ),
    "exchange": Source(
        "Exchange",
        "Request and answer: an object with method, url, status, content_type and body.",
        _exchange,
    ),
    "version": Source(
        "Version",
        "The version of HTTP that was answered in.",
        lambda answer, _: answer.response.version,
        is_text=True,
    ),
    "address": Source(
        "Address",
        "The IP address and port that answered: 10.0.0.7:443; of a proxy, where there is one.",
        _address,
        is_text=True,
    ),
    "certificate": Source(
        "Certificate",
        "The certificate of the target, or one of its fields, such as days_left.",
        lambda answer, path: read_certificate(answer.response.certificate, path),
        takes_path=True,
    ),
    "variable": Source("Variable", "A variable by name.", _variable, needs_path=True),
}
