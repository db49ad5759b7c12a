"""Filters: what turns a value into another, `{{name | base64}}`, `$.items | count`.

One table serves placeholders, extractions and assertions. To add one: write it in the
file of its kind, with one sentence as its docstring, and add a row to
tests/engine/test_filters.py and to docs/reference/sources.md.

A filter raises ValueError when the value does not suit it, returns Nothing when the value
does not hold what it looks for, and raises CannotJudge when its arguments make no sense.
Bytes may pass from filter to filter; at the end they become hexadecimal text.
"""

from __future__ import annotations

from cases.engine.filters.arguments import Filter
from cases.engine.filters.dates import DATES
from cases.engine.filters.digests import DIGESTS
from cases.engine.filters.encodings import ENCODINGS
from cases.engine.filters.lists import LISTS
from cases.engine.filters.numbers import NUMBERS
from cases.engine.filters.queries import QUERIES
from cases.engine.filters.texts import TEXTS
from cases.engine.filters.web import WEB

FILTERS: dict[str, Filter] = {
    **TEXTS,
    **NUMBERS,
    **LISTS,
    **QUERIES,
    **DATES,
    **ENCODINGS,
    **WEB,
    **DIGESTS,
}
