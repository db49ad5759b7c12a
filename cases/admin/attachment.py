from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases import attachments, contents, uses
from cases.admin.kept import KeepsWhatIsUsed
from cases.forms import AttachmentForm
from cases.models import Attachment, AttachmentUse


@admin.register(Attachment)
class AttachmentAdmin(KeepsWhatIsUsed):
    """Lists and pages read sizes and digests; only a download reads bytes."""

    list_display = ("name", "content_type", "size", "n_cases", "shown_updated")
    list_select_related = ("content",)
    list_per_page = 50
    list_max_show_all = 50
    search_fields = ("name", "description")
    form = AttachmentForm
    warn_unsaved_form = True
    fields = ("upload", "name", "content_type", "description")
    readonly_fields = ("stored", "used_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attachment]:
        uses = AttachmentUse.objects.filter(name=OuterRef("name")).order_by().values("name")
        counted = Subquery(uses.annotate(n=Count("pk")).values("n"))
        return super().get_queryset(request).annotate(n_cases=Coalesce(counted, 0))

    def get_fields(self, request: HttpRequest, obj: Attachment | None = None) -> Any:
        fields = super().get_fields(request, obj)
        if obj is None:
            return fields
        if not self.has_change_permission(request, obj):
            fields = [name for name in fields if name != "upload"]
        return [*fields, *self.readonly_fields]

    def get_urls(self) -> list[URLPattern]:
        download = self.admin_site.admin_view(self.download)
        name = "cases_attachment_download"
        return [path("<int:pk>/download/", download, name=name), *super().get_urls()]

    def download(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """The bytes, always as a file: what somebody uploaded is never a page of ours."""
        attachment = get_object_or_404(Attachment.objects.select_related("content"), pk=pk)
        if not self.has_view_permission(request, attachment):
            raise PermissionDenied
        name = attachment.name.rpartition("/")[2]
        return StreamingHttpResponse(
            contents.pieces(attachment.content),
            content_type="application/octet-stream",
            headers={"Content-Disposition": content_disposition_header(True, name) or ""},
        )

    def save_model(
        self, request: HttpRequest, obj: Attachment, form: ModelForm, change: bool
    ) -> None:
        attachments.save(obj, form.cleaned_data.get("upload"))

    def construct_change_message(
        self, request: HttpRequest, form: ModelForm, formsets: Any, add: bool = False
    ) -> Any:
        """The history says which bytes it had when."""
        message = super().construct_change_message(request, form, formsets, add)
        if "upload" not in form.changed_data:
            return message
        content = form.instance.content
        words = {"name": gettext("content"), "object": f"{content} ({content.size} B)"}
        return [*message, {"added": words}]

    def refusals(self, rows: Iterable[Attachment]) -> list[str]:
        """Why some of these are not deleted: a sentence each, with the cases that send it."""
        return [
            gettext("“%(name)s” is not deleted: it is sent by %(cases)s.")
            % {"name": name, "cases": uses.in_words(cases.values())}
            for name, cases in attachments.users(row.name for row in rows).items()
        ]

    def delete_model(self, request: HttpRequest, obj: Attachment) -> None:
        attachments.delete([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Attachment]) -> None:
        attachments.delete(queryset)

    @admin.display(description=_("size"), ordering="content__size")
    def size(self, attachment: Attachment) -> str:
        return filesizeformat(attachment.content.size)

    @admin.display(description=_("cases"), ordering="n_cases")
    def n_cases(self, attachment: Attachment) -> int:
        return attachment.n_cases

    @admin.display(description=_("updated"), ordering="updated_at")
    def shown_updated(self, attachment: Attachment) -> str:
        at = timezone.localtime(attachment.updated_at)
        return format_html('<span class="th-nowrap">{}</span>', f"{at:%Y-%m-%d %H:%M}")

    @admin.display(description=_("stored"))
    def stored(self, attachment: Attachment) -> str:
        url = reverse("admin:cases_attachment_download", args=[attachment.pk])
        return format_html(
            '<a class="th-link" href="{}" download>{}</a> · {} · SHA-256 {}',
            url,
            gettext("Download"),
            filesizeformat(attachment.content.size),
            attachment.content.digest,
        )

    @admin.display(description=_("sent by"))
    def used_by(self, attachment: Attachment) -> str:
        cases = attachments.users([attachment.name]).get(attachment.name, {})
        page = "admin:cases_case_change"
        links = ((reverse(page, args=[pk]), case_path) for pk, case_path in cases.items())
        return format_html_join(", ", '<a class="th-link" href="{}">{}</a>', links) or "–"
