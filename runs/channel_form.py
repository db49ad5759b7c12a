"""The form of a channel: each kind has its own fields, and secrets are written, never read."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from cases.engine.errors import BadSpec
from cases.engine.urls import parse
from cases.forms import WriteOnly
from runs.choices import ChannelKind
from runs.models import Channel

# x-show of the console's shell: which fields a kind has.
SHOWN_WHEN = {
    "recipients": "kind == 'email'",
    "url": "kind != 'email'",
    "signing_key": "kind == 'webhook'",
    "plans": "!all_plans",
}


def _secret_box() -> WriteOnly:
    attributes = {"rows": 1, "autocomplete": "off", "spellcheck": "false"}
    return WriteOnly.of(UnfoldAdminTextareaWidget(attrs=attributes))


class ChannelForm(forms.ModelForm):
    recipients = forms.CharField(
        label=gettext_lazy("Recipients"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("One e-mail address a line."),
    )
    url = forms.CharField(
        label=gettext_lazy("URL"),
        required=False,
        widget=_secret_box(),
        help_text=gettext_lazy(
            "Of a webhook, or of a service as Apprise writes it (slack://…). "
            "It is kept encrypted and not shown again."
        ),
    )
    signing_key = forms.CharField(
        label=gettext_lazy("Signing key"),
        required=False,
        widget=_secret_box(),
        help_text=gettext_lazy(
            "With it the receiver can tell that a message is from here and unchanged."
        ),
    )

    class Meta:
        model = Channel
        fields = ("name", "kind", "tell", "all_plans", "plans", "is_active", "recipients")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "url" not in self.fields:  # somebody who may only look
            return
        kept = {
            "url": f"{_('(set)')} {self.instance.hint}" if self.instance.hint else "",
            "signing_key": _("(set)") if self.instance.key_ciphertext else "",
        }
        for name, shown in kept.items():
            typed = self.is_bound and bool(self.data.get(self.add_prefix(name)))
            placeholder = _("not saved: type it again") if typed else shown
            self.fields[name].widget.attrs["placeholder"] = placeholder

    def clean_recipients(self) -> str:
        addresses = re.split(r"[\s,;]+", self.cleaned_data["recipients"].strip())
        for address in filter(None, addresses):
            try:
                validate_email(address)
            except ValidationError:
                raise ValidationError(_("“%s” is not an e-mail address.") % address) from None
        return "\n".join(addresses)

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        kind = self.cleaned_data.get("kind")
        if url and kind == ChannelKind.WEBHOOK:
            _check_webhook(url)
        elif url and kind == ChannelKind.SERVICE:
            _check_service(url)
        return url

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if kind == ChannelKind.EMAIL:
            if not data.get("recipients") and "recipients" not in self.errors:
                self.add_error("recipients", _("An e-mail needs a recipient."))
            if not settings.EMAIL_HOST:
                self.add_error("kind", _("There is no mail server: set EMAIL_HOST first."))
        elif kind and not data.get("url") and "url" not in self.errors:
            kept = self.instance.url_ciphertext and "kind" not in self.changed_data
            if not kept:
                self.add_error("url", _("A URL is needed."))
        if not data.get("all_plans") and not data.get("plans"):
            self.add_error("plans", _("Choose at least one plan, or all."))
        return data

    def save(self, commit: bool = True) -> Any:
        """What another kind of channel had is not kept."""
        channel, data = self.instance, self.cleaned_data
        if channel.kind == ChannelKind.EMAIL:
            channel.url_ciphertext = channel.hint = ""
        else:
            channel.recipients = ""
            if data["url"]:
                channel.keep_url(data["url"])
        if channel.kind != ChannelKind.WEBHOOK:
            channel.keep_signing_key("")
        elif data["signing_key"]:
            channel.keep_signing_key(data["signing_key"])
        return super().save(commit)


def _check_webhook(url: str) -> None:
    try:
        parse(url)
    except BadSpec:  # its sentence quotes the URL
        message = _("This is not a URL that begins with http:// or https://.")
        raise ValidationError(message) from None


def _check_service(url: str) -> None:
    from runs.notifications import service  # a hundred modules, for this kind alone

    try:
        service.check(url)
    except service.BadServiceUrl as error:
        raise ValidationError(str(error)) from None
