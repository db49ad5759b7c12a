from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.columns import pair_columns
from cases.engine.plain_data import pairs
from cases.engine.spec import StepSpec
from cases.engine.validate import problems
from cases.forms.checks import refuse
from cases.models import Environment
from cases.tables import TableField

_ONE_PLACEHOLDER = re.compile(r"\{\{[^{}]+\}\}")


class EnvironmentForm(forms.ModelForm):
    headers = TableField(
        columns=pair_columns,
        pairs=True,
        label=gettext_lazy("Default headers"),
        help_text=gettext_lazy(
            "Sent with every request; a step's header of the same name wins."
        ),
    )

    class Meta:
        model = Environment
        fields = (
            "name",
            "base_url",
            "headers",
            "verify_tls",
            "ca_certificate",
            "client_certificate",
            "client_key",
            "http2",
            "proxy",
            "connect_timeout_ms",
        )

    def clean_base_url(self) -> str:
        url: str = self.cleaned_data["base_url"].strip()
        refuse(problems(StepSpec(url=url)), "url")
        if "{{" not in url and urlsplit(url).scheme not in ("http", "https"):
            raise ValidationError(_("“%s” does not begin with http:// or https://.") % url)
        return url

    def clean_headers(self) -> Any:
        headers: Any = self.cleaned_data["headers"]
        refuse(problems(StepSpec(headers=pairs(headers))), "headers")
        return headers

    def clean_proxy(self) -> str:
        proxy: str = self.cleaned_data["proxy"].strip()
        if proxy and "{{" not in proxy and "://" not in proxy:
            raise ValidationError(
                _("“%s” is not a proxy: it is written as http://host:port.") % proxy
            )
        return proxy

    def clean_ca_certificate(self) -> str:
        return _certificates(self.cleaned_data["ca_certificate"])

    def clean_client_certificate(self) -> str:
        return _certificates(self.cleaned_data["client_certificate"])

    def clean_client_key(self) -> str:
        """A key is a secret, and this box is none: it names one."""
        key: str = self.cleaned_data["client_key"].strip()
        if key and not _ONE_PLACEHOLDER.fullmatch(key):
            raise ValidationError(
                _("Keep the key as a secret variable of this environment and write {{name}}.")
            )
        return key

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        has_certificate, has_key = data.get("client_certificate"), data.get("client_key")
        if has_certificate and not has_key and "client_key" not in self.errors:
            self.add_error("client_key", _("A client certificate needs its key."))
        if has_key and not has_certificate and "client_certificate" not in self.errors:
            self.add_error("client_certificate", _("A client key needs its certificate."))
        return data


def _certificates(pem: str) -> str:
    pem = pem.strip()
    if pem and "{{" not in pem:
        try:
            x509.load_pem_x509_certificates(pem.encode())
        except ValueError as error:
            raise ValidationError(
                _("This is not a certificate in PEM form: %s") % error
            ) from error
    return pem
