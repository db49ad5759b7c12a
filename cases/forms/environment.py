from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.columns import pair_columns
from cases.engine.spec import StepSpec, pairs
from cases.engine.validate import problems
from cases.forms.checks import refuse
from cases.models import Environment
from cases.tables import TableField


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
        pem: str = self.cleaned_data["ca_certificate"].strip()
        if pem:
            try:
                x509.load_pem_x509_certificates(pem.encode())
            except ValueError as error:
                raise ValidationError(
                    _("This is not a certificate in PEM form: %s") % error
                ) from error
        return pem
