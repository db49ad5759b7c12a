"""The body of a step read once: everything that can be wrong before it is sent."""

from __future__ import annotations

from cases.engine.bodies import BODY_KINDS, PART_KINDS, read_base64
from cases.engine.compiled import AttachmentUse, CompiledStep, Part
from cases.engine.errors import BadSpec
from cases.engine.headers import check_header
from cases.engine.json_body import JsonTemplate, parse_json_body
from cases.engine.spec import BodySpec, PartSpec
from cases.engine.texts import compile_pairs, compile_text, unknown


def compile_body(step: CompiledStep) -> None:
    """Fill in what `bodies.render_body` needs. Raises BadSpec."""
    body = step.spec.body
    if body.kind not in BODY_KINDS:
        raise BadSpec(unknown("body kind", body.kind, BODY_KINDS))
    uses = BODY_KINDS[body.kind].fields
    if "text" in uses:
        step.body = compile_text(body.text, f"the body{step.place}")
    if "content_type" in uses:
        check_header("Content-Type", body.content_type, step.place, templates=True)
    if body.kind == "json":
        step.json_body = parse_json_body(body.text)
    elif body.kind == "form":
        step.fields = compile_pairs(body.fields, "form field", step.place)
    elif body.kind == "multipart":
        step.parts = [_part(n, part, step.place) for n, part in enumerate(body.parts, 1)]
        step.attachments = [
            _attachment(part.value, where.value.place)
            for part, where in zip(body.parts, step.parts, strict=True)
            if part.kind == "attachment"
        ]
    elif body.kind == "binary" and "{{" not in body.text:
        read_base64(body.text, "the body")
    elif body.kind == "attachment":
        step.attachments = [_attachment(body.attachment, f"the body{step.place}")]
    elif body.kind == "graphql":
        step.json_body = _graphql(body)


def _part(number: int, part: PartSpec, step: str) -> Part:
    place = f"part {number} ({part.name})"
    if part.kind not in PART_KINDS:
        raise BadSpec(unknown(f"kind of {place}", part.kind, PART_KINDS))
    if part.kind == "base64" and "{{" not in part.value:
        read_base64(part.value, place)
    return Part(
        name=compile_text(part.name, f"the name of {place}{step}"),
        value=compile_text(part.value, f"{place}{step}"),
        filename=compile_text(part.filename, f"the file name of {place}{step}"),
        content_type=compile_text(part.content_type, f"the content type of {place}{step}"),
        kind=part.kind,
    )


def _attachment(name: str, place: str) -> AttachmentUse:
    """Known before the case starts: its content is read where no thread can ask for more."""
    name = name.strip()
    if not name:
        raise BadSpec(f"{place[0].upper()}{place[1:]} names no attachment.")
    if "{{" in name:
        raise BadSpec(f"The name of an attachment cannot hold a placeholder: {name!r}.")
    return AttachmentUse(name, place)


def _graphql(body: BodySpec) -> JsonTemplate | None:
    """The variables, if there are any."""
    if not body.text.strip():
        raise BadSpec("The GraphQL query is empty.")
    if not body.variables.strip():
        return None
    try:
        return parse_json_body(body.variables)
    except BadSpec as error:
        raise BadSpec(f"In the GraphQL variables: {error}") from None
