"""The auth of a step or a module in a project file."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.engine.auth.kinds import AUTH_KINDS
from cases.engine.spec import AuthSpec
from cases.importers.fields import Fields


def read_auth(fields: Fields) -> AuthSpec:
    """`none`, `{bearer: token}`, `{basic: [user, password]}` or `{SCHEME: {field: text}}`."""
    if "auth" not in fields:
        return AuthSpec()
    if isinstance(fields.any("auth"), str):
        return AuthSpec(kind=fields.text("auth"))
    written = fields.mapping("auth")
    if len(written) != 1:
        fields.refuse(_("auth must be one scheme with its fields."))
    with Fields(written, f"{fields.place}, auth") as auth:
        ((kind, value),) = written.items()
        if kind == "bearer" and not isinstance(value, dict):
            return AuthSpec.of(kind, token=auth.text(kind))
        if kind == "basic" and isinstance(value, list):
            pair = auth.texts(kind)
            if len(pair) != 2:
                auth.refuse(_("basic must be [user name, password]."))
            return AuthSpec.of(kind, username=pair[0], password=pair[1])
        if kind not in AUTH_KINDS:
            sentence = _("there is no auth “%(kind)s”; known are %(known)s.")
            auth.refuse(sentence, kind=kind, known=", ".join(AUTH_KINDS))
        auth.mapping(kind)
    with Fields(value, f"{fields.place}, auth {kind}") as scheme:
        names = [field.name for field in AUTH_KINDS[kind].fields if field.name in scheme]
        for field in AUTH_KINDS[kind].fields:
            scheme.any(field.name, None)  # known, so that what is not is refused by name
        return AuthSpec.of(kind, **{name: scheme.text(name) for name in names})
