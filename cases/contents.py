"""Bytes of attachments into rows and back: the only place that writes or reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from cases.models import Attachment, CaseVersion, Content, ContentPiece

# Escaped it is twice as long, and four of them still fit into a packet of 1 MB, the
# smallest `max_allowed_packet` that servers come with.
PIECE = 64 * 1024
TOGETHER = 4


def store(file: BinaryIO) -> Content:
    """The content of these bytes, new or known. Belongs into the transaction that needs it:
    until then it may be cleared away as one that nobody wants."""
    digest, size = _measured(file)
    # From here on `clear` waits for this transaction, and then sees that it is wanted.
    Content.objects.filter(digest=digest).update(wanted_at=Now())
    content, is_new = Content.objects.get_or_create(digest=digest, defaults={"size": size})
    if is_new:
        _write(content, file)
    return content


def read(digest: str) -> bytes | None:
    """All of it in memory; None if it is not there, or not whole."""
    content = Content.objects.filter(digest=digest).first()
    if content is None:
        return None
    data = b"".join(pieces(content))
    return data if len(data) == content.size else None


def pieces(content: Content) -> Iterator[bytes]:
    """Its bytes in their order."""
    rows = content.pieces.order_by("number").values_list("data", flat=True)
    return map(bytes, rows.iterator(chunk_size=TOGETHER))


def clear(before: datetime) -> int:
    """Delete what no attachment and no version of a case has needed since then; how many."""
    needed = Exists(Attachment.objects.filter(content=OuterRef("pk"))) | Exists(
        CaseVersion.contents.through._default_manager.filter(content=OuterRef("pk"))
    )
    Content.objects.filter(needed).update(wanted_at=Now())
    n_deleted = 0
    for pk in Content.objects.filter(wanted_at__lt=before).values_list("pk", flat=True):
        with transaction.atomic():
            idle = Content.objects.filter(~needed, pk=pk, wanted_at__lt=before)
            if idle.select_for_update().first():
                ContentPiece.objects.filter(content=pk).delete()
                n_deleted += Content.objects.filter(pk=pk).delete()[0]
    return n_deleted


def _measured(file: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for piece in _pieces_of(file):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def _write(content: Content, file: BinaryIO) -> None:
    rows: list[ContentPiece] = []
    for number, data in enumerate(_pieces_of(file)):
        rows.append(ContentPiece(content=content, number=number, data=data))
        if len(rows) == TOGETHER:
            ContentPiece.objects.bulk_create(rows)
            rows.clear()
    ContentPiece.objects.bulk_create(rows)


def _pieces_of(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece
