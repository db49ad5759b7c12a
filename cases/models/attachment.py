from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from cases.models.fields import KeyField

LONGEST_NAME = 200


class Content(models.Model):
    """Bytes that never change, once for each digest; `cases.contents` writes and reads them.

    They lie in the database, where every worker on every machine finds them, in pieces
    that no database finds too large: whoever lists attachments reads none of them.
    """

    # SHA-256 of all pieces together
    digest = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    # When it was seen to be needed last: what is not is kept for a while after that.
    wanted_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("content of an attachment")
        verbose_name_plural = _("contents of attachments")
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest[:8]


class ContentPiece(models.Model):
    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("piece of a content")
        verbose_name_plural = _("pieces of contents")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["content", "number"], name="piece_unique_number")
        ]

    def __str__(self) -> str:
        return f"{self.content_id}/{self.number}"


class Attachment(models.Model):
    """A stored file that steps send by its name; for the cases of every module."""

    name = KeyField(_("name"), max_length=LONGEST_NAME, unique=True)
    description = models.TextField(_("description"), blank=True)
    content_type = models.CharField(
        _("content type"),
        max_length=200,
        blank=True,
        help_text=_("Sent with it unless a step says otherwise."),
    )
    # Other bytes are another content: runs that have started send those they were made with.
    content = models.ForeignKey(
        Content,
        verbose_name=_("content"),
        on_delete=models.PROTECT,
        editable=False,
        related_name="attachments",
    )
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AttachmentUse(models.Model):
    """A step of this case names that attachment, whether it is there or not.

    Written by `cases.specs.refresh`, like the version of the case.
    """

    case = models.ForeignKey(
        "cases.Case", on_delete=models.CASCADE, related_name="attachment_uses"
    )
    name = KeyField(max_length=LONGEST_NAME)

    class Meta:
        verbose_name = _("use of an attachment")
        verbose_name_plural = _("uses of attachments")
        default_permissions = ()
        indexes = [models.Index(fields=["name"], name="attachment_use_name")]
        constraints = [
            models.UniqueConstraint(fields=["case", "name"], name="attachment_use_unique")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.name}"
