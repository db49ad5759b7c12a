from __future__ import annotations

import mimetypes
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget

from cases.attachments import check_size, users
from cases.engine.errors import BadSpec
from cases.engine.headers import check_header
from cases.models import Attachment
from cases.uses import in_words


class AttachmentForm(forms.ModelForm):
    """A new file needs nothing but itself: its name and its type are taken from it."""

    upload = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget,
    )

    class Meta:
        model = Attachment
        fields = ("upload", "name", "content_type", "description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.old_name = self.instance.name
        if "name" not in self.fields:  # of somebody who may only read
            return
        self.fields["name"].required = False
        self.fields["name"].help_text = _(
            "Steps send it by this name; empty: that of the file. It may hold “/”."
        )
        self.fields["upload"].help_text = (
            _("Replaces the content. Runs that have started send the one before.")
            if self.instance.pk
            else _("Choose it, or drop it here.")
        )

    def clean_upload(self) -> UploadedFile | None:
        upload: UploadedFile | None = self.cleaned_data["upload"]
        if upload is None and not self.instance.pk:
            raise ValidationError(_("Choose a file."))
        if upload is not None:
            check_size(upload.size or 0)
        return upload

    def clean_name(self) -> str:
        upload = self.cleaned_data.get("upload")
        name: str = self.cleaned_data["name"] or (upload.name if upload else self.old_name)
        name = name.strip()
        if "{{" in name:
            raise ValidationError(_("The name of an attachment cannot hold a placeholder."))
        if self.instance.pk and name != self.old_name:
            for cases in users([self.old_name]).values():
                raise ValidationError(
                    _("It cannot be renamed: “%(name)s” is sent by %(cases)s.")
                    % {"name": self.old_name, "cases": in_words(cases.values())}
                )
        return name

    def clean_content_type(self) -> str:
        upload = self.cleaned_data.get("upload")
        written: str = self.cleaned_data["content_type"].strip()
        try:
            check_header("Content-Type", written, "")
        except BadSpec as error:
            raise ValidationError(str(error)) from None
        if written or upload is None:
            return written
        return mimetypes.guess_type(upload.name or "")[0] or ""
