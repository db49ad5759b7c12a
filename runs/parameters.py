"""The parameters of `/run_case`, read strictly: what is not understood is refused by name."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from runs.access import Refusal

PARAMETERS = ("case_id", "module_id", "env", "wait")
MAX_WAIT_S = 300
MAX_KEY = 200


def read(request: HttpRequest) -> dict[str, str]:
    """The parameters by name, each once, exactly one selector. Raises `Refusal` (400)."""
    values: dict[str, list[str]] = {}
    for name, texts in (*request.GET.lists(), *request.POST.lists()):
        if name != "csrfmiddlewaretoken":
            values.setdefault(name, []).extend(texts)
    for name, texts in values.items():
        if name not in PARAMETERS:
            raise bad(
                _("There is no parameter “%(name)s”; there are %(all)s.")
                % {"name": name, "all": ", ".join(PARAMETERS)}
            )
        if len(texts) > 1:
            raise bad(_("%s stands twice: send it once.") % name)
    sent = {name: texts[0] for name, texts in values.items()}
    if ("case_id" in sent) == ("module_id" in sent):
        raise bad(_("Send exactly one of case_id and module_id."))
    if "wait" in sent and "case_id" in sent:
        raise bad(_("wait goes with module_id: a case answers when it has run."))
    return sent


def number(asked: dict[str, str], name: str) -> int:
    """Raises `Refusal` (400)."""
    text = asked[name]
    if not (_is_number(text) and 0 < int(text) < 2**63):
        raise bad(_("%(name)s=“%(value)s”: use a number.") % {"name": name, "value": text})
    return int(text)


def wait_s(asked: dict[str, str]) -> float:
    """Raises `Refusal` (400)."""
    text = asked.get("wait", "0")
    if not (_is_number(text) and int(text) <= MAX_WAIT_S):
        raise bad(
            _("wait=“%(value)s”: use seconds from 0 to %(most)d.")
            % {"value": text, "most": MAX_WAIT_S}
        )
    return float(text)


def idempotency_key(request: HttpRequest) -> str:
    """Empty without one. Raises `Refusal` (400)."""
    text = request.headers.get("Idempotency-Key", "")
    if len(text) > MAX_KEY:
        raise bad(_("The Idempotency-Key is longer than %d characters.") % MAX_KEY)
    return text


def _is_number(text: str) -> bool:
    # int() raises on thousands of digits.
    return text.isascii() and text.isdecimal() and len(text) < 20


def bad(message: str) -> Refusal:
    return Refusal(400, "bad_parameter", message)
