"""Names and values in a project file."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.engine.plain_data import Pairs
from cases.engine.values import as_text
from cases.importers.fields import Fields


def read_pairs(fields: Fields, key: str) -> Pairs:
    """A mapping, or a list of pairs where a name stands twice or order is the point."""
    written = fields.any(key, {})
    pairs = list(written.items()) if isinstance(written, dict) else written
    if not isinstance(pairs, list) or not all(
        isinstance(pair, (list, tuple))
        and len(pair) == 2
        and not any(isinstance(part, (list, dict)) for part in pair)
        for pair in pairs
    ):
        sentence = _("%(key)s must be a mapping of texts, or a list of [name, value].")
        fields.refuse(sentence, key=key)
    return tuple(
        (as_text(name), "" if value is None else as_text(value)) for name, value in pairs
    )
