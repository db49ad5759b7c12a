"""One step of a project file: `request: POST /orders` and its company -> StepSpec."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.engine.spec import PollSpec, ResendSpec, StepSpec
from cases.importers.auth import read_auth
from cases.importers.bodies import read_body
from cases.importers.checks import read_assertions, read_extractions
from cases.importers.fields import Fields
from cases.importers.pairs import read_pairs


def read_step(fields: Fields) -> StepSpec:
    """All of a step but its name and deadline: a case has keys of those names."""
    method, _space, url = fields.text("request").strip().partition(" ")
    if not url:
        sentence = _("request must be a method and a URL, not “%(value)s”.")
        fields.refuse(sentence, value=method)
    return StepSpec(
        method=method,
        url=url.strip(),
        path_params=read_pairs(fields, "path_params"),
        params=read_pairs(fields, "params"),
        headers=read_pairs(fields, "headers"),
        cookies=read_pairs(fields, "cookies"),
        auth=read_auth(fields),
        body=read_body(fields),
        extractions=read_extractions(fields),
        assertions=read_assertions(fields),
        inherit_headers=fields.boolean("inherit_headers", True),
        inherit_assertions=fields.boolean("inherit_assertions", True),
        follow_redirects=fields.boolean("follow_redirects", True),
        max_redirects=fields.number("max_redirects", StepSpec().max_redirects),
        first_byte_ms=fields.milliseconds("first_byte_ms"),
        delay_ms=fields.number("delay_ms", 0),
        resend=_resend(fields),
        poll=_poll(fields),
    )


def _resend(fields: Fields) -> ResendSpec:
    default = ResendSpec()
    with Fields(fields.mapping("resend"), f"{fields.place}, resend") as resend:
        return ResendSpec(
            times=resend.number("times", default.times),
            on=resend.texts("on") if "on" in resend else default.on,
            pause_ms=resend.number("pause_ms", default.pause_ms),
        )


def _poll(fields: Fields) -> PollSpec:
    default = PollSpec()
    with Fields(fields.mapping("poll"), f"{fields.place}, poll") as poll:
        return PollSpec(
            for_ms=poll.number("for_ms", default.for_ms),
            every_ms=poll.number("every_ms", default.every_ms),
        )
