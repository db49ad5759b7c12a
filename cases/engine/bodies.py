"""What a step sends: the content type a body asks for, and its bytes."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

from cases.engine.answer import declared_charset
from cases.engine.compiled import CompiledStep, NamedText, Part, Text
from cases.engine.errors import BadSpec
from cases.engine.files import Files
from cases.engine.long_body import LongBody, assembled
from cases.engine.values import to_json
from cases.engine.variables import Variables

PART_KINDS = ("text", "base64", "attachment")

Content = bytes | LongBody

_UNQUOTABLE = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}  # as browsers do it


@dataclass(frozen=True, slots=True)
class BodyKind:
    label: str
    description: str
    fields: tuple[str, ...]  # of BodySpec
    render: Callable[[CompiledStep, Variables, Files], tuple[str, Content]]


def render_body(step: CompiledStep, variables: Variables, files: Files) -> tuple[str, Content]:
    """The content type it asks for, and the bytes. Raises CannotRender, BadSpec or NoFile."""
    return BODY_KINDS[step.spec.body.kind].render(step, variables, files)


def read_base64(text: str, place: str) -> bytes:
    """The bytes; white space and line breaks do not matter. Raises BadSpec."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSpec(f"{place[0].upper()}{place[1:]} is not base64: {error}.") from None


def _none(step: CompiledStep, variables: Variables, _files: Files) -> tuple[str, bytes]:
    return "", b""


def _json(step: CompiledStep, variables: Variables, _files: Files) -> tuple[str, bytes]:
    assert step.json_body is not None
    text = step.json_body.render(variables, f"the body{step.place}")
    return "application/json", _utf8(text)


def _form(step: CompiledStep, variables: Variables, _files: Files) -> tuple[str, bytes]:
    encoded = "&".join(
        f"{quote_plus(_utf8(name))}={quote_plus(_utf8(value))}"
        for name, value in _pairs(step.fields, variables)
    )
    return "application/x-www-form-urlencoded", encoded.encode()


def _raw(step: CompiledStep, variables: Variables, _files: Files) -> tuple[str, bytes]:
    content_type, text = _typed(step, variables)
    return content_type, _encoded(variables.text(*text), content_type, text.place)


def _binary(step: CompiledStep, variables: Variables, _files: Files) -> tuple[str, bytes]:
    content_type, text = _typed(step, variables)
    data = read_base64(variables.text(*text), text.place)
    return content_type or "application/octet-stream", data


def _graphql(step: CompiledStep, variables: Variables, _files: Files) -> tuple[str, bytes]:
    assert step.body is not None
    query = to_json(variables.text(*step.body))
    if step.json_body is None:
        return "application/json", _utf8(f'{{"query":{query}}}')
    values = step.json_body.render(variables, f"the GraphQL variables{step.place}")
    return "application/json", _utf8(f'{{"query":{query},"variables":{values}}}')


def _attachment(step: CompiledStep, variables: Variables, files: Files) -> tuple[str, Content]:
    [use] = step.attachments
    content_type = variables.fill(step.spec.body.content_type, use.place)
    spec, data = files.open(*use)
    return content_type or spec.content_type or "application/octet-stream", assembled([data])


def _multipart(step: CompiledStep, variables: Variables, files: Files) -> tuple[str, Content]:
    boundary = f"testhub-{secrets.token_hex(16)}"
    content_type = variables.fill(step.spec.body.content_type, f"the body{step.place}")
    pieces = []
    for part in step.parts:
        head, data = _part(part, variables, files)
        pieces += [b"--%b\r\n%b\r\n\r\n" % (boundary.encode(), head), data, b"\r\n"]
    pieces.append(b"--%b--\r\n" % boundary.encode())
    content_type = content_type or "multipart/form-data"
    return f"{content_type}; boundary={boundary}", assembled(pieces)


def _part(part: Part, variables: Variables, files: Files) -> tuple[bytes, bytes]:
    """The head of one part, and what it holds."""
    name, filename, content_type, value = (
        variables.text(*text)
        for text in (part.name, part.filename, part.content_type, part.value)
    )
    place = part.value.place
    data = b""
    if part.kind == "attachment":
        spec, data = files.open(value.strip(), place)
        filename = filename or spec.name.rpartition("/")[2]
        content_type = content_type or spec.content_type
    elif part.kind == "base64":
        data = read_base64(value, place)
    lines = [f'Content-Disposition: form-data; name="{name.translate(_UNQUOTABLE)}"']
    if filename:
        lines[0] += f'; filename="{filename.translate(_UNQUOTABLE)}"'
    if content_type or filename:
        content_type = content_type or "application/octet-stream"
        if "\r" in content_type or "\n" in content_type:
            raise BadSpec(f"The content type of {place} holds a line break.")
        lines.append(f"Content-Type: {content_type}")
    if part.kind == "text":
        data = _encoded(value, content_type, place)
    return _utf8("\r\n".join(lines)), data


def _typed(step: CompiledStep, variables: Variables) -> tuple[str, Text]:
    assert step.body is not None
    return variables.fill(step.spec.body.content_type, step.body.place), step.body


def _encoded(text: str, content_type: str, place: str) -> bytes:
    charset = declared_charset(content_type) or "utf-8"
    try:
        return text.encode(charset)
    except (LookupError, UnicodeError) as error:
        raise BadSpec(f"A text in {place} cannot be sent as {charset}: {error}.") from None


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _pairs(pairs: Sequence[NamedText], variables: Variables) -> list[tuple[str, str]]:
    return [(variables.text(*name), variables.text(*value)) for name, value in pairs]


BODY_KINDS: dict[str, BodyKind] = {
    "none": BodyKind("none", "No body.", (), _none),
    "json": BodyKind(
        "JSON",
        "JSON as it is typed; a value that is exactly one placeholder keeps its type.",
        ("text",),
        _json,
    ),
    "form": BodyKind(
        "form",
        "Names and values, percent-encoded, as a form without files is sent.",
        ("fields",),
        _form,
    ),
    "multipart": BodyKind(
        "multipart",
        "Parts with a name, and a file name and content type where they need one.",
        ("parts", "content_type"),
        _multipart,
    ),
    "raw": BodyKind(
        "raw",
        "A text of any content type, encoded in the charset that the type declares.",
        ("text", "content_type"),
        _raw,
    ),
    "binary": BodyKind(
        "binary",
        "Bytes of any content type, written in base64.",
        ("text", "content_type"),
        _binary,
    ),
    "attachment": BodyKind(
        "attachment",
        "A stored file, byte for byte.",
        ("attachment", "content_type"),
        _attachment,
    ),
    "graphql": BodyKind(
        "GraphQL",
        "A query or mutation, and its variables as a JSON object.",
        ("text", "variables"),
        _graphql,
    ),
}
