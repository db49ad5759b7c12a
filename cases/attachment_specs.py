"""The attachments of compiled cases: what they hold now, who names them, what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cases import uses
from cases.engine.spec import AttachmentSpec, CaseSpec
from cases.models import Attachment, AttachmentUse, CaseVersion, Content
from cases.models.attachment import LONGEST_NAME


def completed(specs: Mapping[int, CaseSpec]) -> dict[int, CaseSpec]:
    """The specs with the attachments that their steps name, as these are now.

    One that is not there is left out: the engine says so when the case is run.
    """
    names = set[str]().union(*map(_names, specs.values()))
    found = _find(names) if names else {}
    return {
        pk: replace(spec, attachments=tuple(found[name] for name in sorted(used)))
        if (used := _names(spec) & found.keys())
        else spec
        for pk, spec in specs.items()
    }


def note_uses(specs: Mapping[int, CaseSpec]) -> None:
    """Bring `AttachmentUse` up to date for these cases, by their ids."""
    wanted = {(pk, name) for pk, spec in specs.items() for name in _names(spec)}
    uses.note(AttachmentUse, wanted, specs.keys())


def keep_contents(specs: Mapping[int, CaseSpec]) -> None:
    """What these versions, by their ids, send is kept as long as they are."""
    digests = {file.digest for spec in specs.values() for file in spec.attachments}
    if not digests:
        return
    ids = dict(Content.objects.filter(digest__in=digests).values_list("digest", "pk"))
    link = CaseVersion.contents.through
    link._default_manager.bulk_create(
        link(caseversion_id=pk, content_id=content_id)
        for pk, spec in specs.items()
        for content_id in {ids[file.digest] for file in spec.attachments}
    )


def _find(names: set[str]) -> dict[str, AttachmentSpec]:
    rows = Attachment.objects.filter(name__in=names).select_related("content")
    return {
        row.name: AttachmentSpec(
            name=row.name,
            digest=row.content.digest,
            size=row.content.size,
            content_type=row.content_type,
        )
        for row in rows
    }


def _names(spec: CaseSpec) -> set[str]:
    """Without those that no attachment can have."""
    names = (name for step in spec.steps for name in step.body.attachments)
    return {name for name in names if 0 < len(name) <= LONGEST_NAME}
