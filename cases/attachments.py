"""What happens to attachments: new bytes, and who sends them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from cases import contents, specs, uses
from cases.engine.compiler import compile_step
from cases.engine.files import Files
from cases.engine.problem import Problem
from cases.engine.spec import AttachmentSpec, StepSpec
from cases.models import Attachment, AttachmentUse


def save(attachment: Attachment, file: BinaryIO | None = None) -> None:
    """Store it, with these bytes if there are any, and compile the cases that send it.

    A run that has started still sends what it was made with.
    """
    with transaction.atomic():
        if file is not None:
            attachment.content = contents.store(file)
        attachment.save()
        specs.refresh_users(AttachmentUse, [attachment.name])


def check_size(size: int) -> None:
    """Raises ValidationError for more bytes than an attachment may have."""
    limit = settings.ATTACHMENT_LIMIT_MB * 1024 * 1024
    if size > limit:
        raise ValidationError(
            _("The file has %(size)s bytes: ATTACHMENT_LIMIT_MB allows %(limit)s.")
            % {"size": size, "limit": limit}
        )


def delete(attachments: Iterable[Attachment]) -> None:
    """Nothing in use: ask `users` before."""
    rows = list(attachments)
    with transaction.atomic():
        Attachment.objects.filter(pk__in=[row.pk for row in rows]).delete()
        specs.refresh_users(AttachmentUse, [row.name for row in rows])


def missing_attachments(step: StepSpec) -> list[Problem]:
    """What the engine would say of attachments that are not there."""
    names = set(step.body.attachments)
    if not names:
        return []
    there = Attachment.objects.filter(name__in=names).values_list("name", flat=True)
    known = [AttachmentSpec(name=name, digest="", size=0) for name in there]
    return list(Files(known).problems(compile_step(step)))


def users(names: Iterable[str]) -> dict[str, dict[int, str]]:
    """The cases that send them, by the names of those that are sent: their ids and paths."""
    return uses.users(AttachmentUse, names)
