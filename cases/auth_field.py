"""The form field for auth: a scheme, and the fields that this scheme has."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cases.engine.auth.kinds import AUTH_KINDS
from cases.engine.spec import AuthSpec
from cases.widgets import AuthWidget


class AuthField(forms.Field):
    """What `AuthSpec.from_dict` reads; empty for what is inherited."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "widget": AuthWidget(), **options})

    def prepare_value(self, value: Any) -> Any:
        """Stored auth as JSON; what was posted stays what it is."""
        return json.dumps(value) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> dict[str, Any]:
        try:
            read = json.loads(value or "{}")
            written = AuthSpec.from_dict(read)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise ValidationError(_("This is not an auth: %s") % error) from error
        if not isinstance(written.kind, str):
            raise ValidationError(_("This is not an auth: %s") % written.kind)
        return _stored(written)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != _stored(AuthSpec.from_dict(initial or {}))
        except ValidationError:
            return True


def _stored(auth: AuthSpec) -> dict[str, Any]:
    """As a column keeps it: without the fields that are at their defaults."""
    known = AUTH_KINDS[auth.kind].fields if auth.kind in AUTH_KINDS else ()
    defaults = {field.name: field.default for field in known}
    values = [[name, text] for name, text in auth.values if defaults.get(name) != text]
    return {"kind": auth.kind, "values": values} if auth != AuthSpec() else {}
